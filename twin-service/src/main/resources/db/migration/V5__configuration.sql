-- What is set in all twins that meet a condition.
create table configuration (
    id               text collate "C" primary key,
    version          bigint      not null,
    -- Counts what may change who has it, or what of it.
    rollout          bigint      not null,
    schema_version   text,
    -- JSON as it was sent.
    labels           text,
    content          text        not null,
    target_condition text        not null,
    priority         integer     not null,
    metrics          text        not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    -- When all its twins were last looked through, and its metrics counted.
    swept_at         timestamptz not null default now(),
    counted_at       timestamptz not null default '-infinity'
);

-- Which twins have which configuration. One that is deleted stays here until the twins have been looked through.
create table twin_configuration (
    -- The twin's.
    id            text collate "C" not null references twin on delete cascade,
    -- Of the twin, or of its module's.
    device        text collate "C" not null,
    configuration text collate "C" not null,
    -- Which one of this id.
    created_at    timestamptz      not null,
    rollout       bigint           not null,
    status        text             not null,
    primary key (id, configuration)
);
create index twin_configuration_by_device on twin_configuration (configuration, device);
create index twin_configuration_by_status on twin_configuration (configuration, status, id);

-- Configurations whose twins are being looked through: first those that have it, then those that are to have it.
create table configuration_sweep (
    configuration text collate "C" primary key,
    stage         text not null default 'HOLDERS',
    -- The last of the stage so far.
    after_id      text collate "C" not null default '',
    -- The one that has waited longest is next, so that none keeps others from their turn.
    waits_since   timestamptz      not null default clock_timestamp()
);

-- What a configuration's queries counted last.
create table configuration_count (
    configuration text collate "C" not null references configuration on delete cascade,
    -- Whether the hub counts this of every configuration by itself.
    is_system     boolean not null,
    metric        text    not null,
    result        bigint  not null,
    primary key (configuration, is_system, metric)
);
