-- The latest life of each gateway. alive_at goes by the gateway's clock and is compared with nothing else; heard_at says when that was
-- stored.
create table gateway (
    ordinal     integer primary key,
    incarnation bigint      not null,
    alive_at    timestamptz not null,
    heard_at    timestamptz not null default now(),
    -- It has not been heard of for long, so its sessions count as closed.
    silent      boolean     not null default false
);

-- The latest session of each device or module. log_offset is that of the last record of hub.connections that counted for the row:
-- whatever is read again changes nothing.
create table session (
    id            text collate "C" primary key,
    generation    bigint      not null,
    session       text        not null,
    ordinal       integer     not null,
    incarnation   bigint      not null,
    opened_at     timestamptz not null,
    closed_at     timestamptz,
    -- Closed here because its gateway is silent: open again when that is not.
    expired       boolean     not null default false,
    -- That the session announced; '' for none.
    model_id      text        not null,
    log_partition integer     not null,
    log_offset    bigint      not null,
    check (not expired or closed_at is not null)
);
create index session_open on session (id) where closed_at is null;
create index session_open_of_gateway on session (ordinal, incarnation) where closed_at is null;
create index session_expired on session (ordinal, incarnation) where expired;
create index session_closed on session (closed_at) where closed_at is not null;

-- Receives nothing while its gateway is silent.
alter table receiver add column suspended boolean not null default false;
