-- Messages for devices. Whoever works on messages of a device holds the lock of its queue's row, those of several devices in
-- the order of their ids.
create table queue (
    device        text   not null primary key,
    generation    bigint not null,
    last_sequence bigint not null default 0
);

-- Without a lock token a message waits. A lock of a session lasts as long as the session, one taken over HTTPS until its time.
create table message (
    device         text        not null,
    sequence       bigint      not null,
    generation     bigint      not null,
    lock_token     uuid,
    locked_by      text,
    locked_until   timestamptz,
    delivery_count integer     not null default 0,
    enqueued_at    timestamptz not null,
    expires_at     timestamptz not null,
    ack            text        not null,
    properties     text        not null,
    body           bytea       not null,
    primary key (device, sequence)
);

create index message_that_expires on message (expires_at) where lock_token is null;
create index message_whose_lock_ends on message (locked_until) where locked_until is not null;

-- Nearly empty compared with what passes through it.
alter table message set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
