-- Imports and exports of identities.
create table job (
    id               text primary key,
    type             text        not null check (type in ('IMPORT', 'EXPORT')),
    status           text        not null check (status in ('ENQUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    ended_at         timestamptz,
    failure_reason   text,
    -- They may hold a shared access signature, so they are gone once the job has ended.
    input_container  text,
    output_container text,
    -- What an import reads, or an export writes.
    blob             text        not null,
    exclude_keys     boolean     not null,
    -- Which version of the blob an import reads: another one has other lines.
    blob_version     text,
    -- How much there is: bytes of an import, identities of an export; and how much of it is done.
    total            bigint      not null,
    position         bigint      not null default 0,
    -- Lines of an import that are done.
    lines            bigint      not null default 0,
    -- Who runs it, and until when nobody else may.
    worker           text,
    leased_until     timestamptz,
    check ((ended_at is null) = (status in ('ENQUEUED', 'RUNNING'))),
    check (ended_at is null or (input_container is null and output_container is null))
);
-- One at a time.
create unique index job_active on job ((true)) where status in ('ENQUEUED', 'RUNNING');
create index job_by_age on job (created_at);

-- What the log of an import's errors will say: the lines of one transaction, up to this position of the blob.
create table job_errors (
    job      text   not null references job on delete cascade,
    position bigint not null,
    text     text   not null,
    primary key (job, position)
);
