create table access_policy (
    name          text primary key,
    primary_key   text   not null,
    secondary_key text   not null,
    permissions   text[] not null
);

create table device (
    device_id            text collate "C" primary key,
    generation_id        text    not null,
    -- Counts writes; the entity tag is made of it.
    version              bigint  not null,
    enabled              boolean not null,
    status_reason        text,
    status_updated_at    timestamptz,
    -- SAS: keys. SELF_SIGNED: thumbprints. CERTIFICATE_AUTHORITY: neither.
    authentication       text    not null check (authentication in ('SAS', 'SELF_SIGNED', 'CERTIFICATE_AUTHORITY')),
    primary_key          text,
    secondary_key        text,
    primary_thumbprint   text,
    secondary_thumbprint text,
    edge                 boolean not null,
    -- An edge device's own scope; null for a leaf.
    edge_scope           text,
    parent_scope         text
);

-- One life of a gateway: the latest. Sessions of earlier lives ended with those.
create table gateway (
    ordinal     integer primary key,
    incarnation bigint      not null,
    started_at  timestamptz not null,
    alive_at    timestamptz not null
);

-- The latest session of each device that ever connected. log_offset is that of the last record of hub.connections that
-- counted for the row: whatever is read again changes nothing.
create table connection (
    device_id   text collate "C" primary key references device on delete cascade,
    session     text        not null,
    ordinal     integer     not null,
    incarnation bigint      not null,
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    log_partition integer not null,
    log_offset  bigint      not null
);
create index connection_open on connection (ordinal, incarnation) where closed_at is null;

-- The one rule of who is connected: the session was not closed, its gateway has not been started again since, and has
-- shown that it lives within the last 30 s.
create view device_connection as
select c.device_id,
       c.closed_at is null and g.incarnation = c.incarnation and g.alive_at > now() - interval '30 seconds' as connected,
       case
           when c.closed_at is not null then c.closed_at
           when g.incarnation <> c.incarnation then g.started_at
           when g.alive_at <= now() - interval '30 seconds' then g.alive_at
           else c.opened_at
       end         as state_updated_at,
       c.opened_at as last_activity_at
from connection c
         join gateway g on g.ordinal = c.ordinal;

create view device_state as
select d.*, coalesce(s.connected, false) as connected, s.state_updated_at, s.last_activity_at
from device d
         left join device_connection s on s.device_id = d.device_id;
