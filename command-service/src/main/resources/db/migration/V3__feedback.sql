-- What became of messages whose senders want to know, until it is in a batch.
create table feedback_record (
    id         bigint      generated always as identity primary key,
    message_id text        not null,
    outcome    text        not null,
    device     text        not null,
    generation bigint      not null,
    at         timestamptz not null
);

-- What back ends receive: each batch goes to one of them at a time.
create table feedback_batch (
    id             bigint      generated always as identity primary key,
    body           text        not null,
    lock_token     uuid,
    locked_until   timestamptz,
    delivery_count integer     not null default 0,
    expires_at     timestamptz not null
);

create unique index feedback_batch_locked on feedback_batch (lock_token) where lock_token is not null;
