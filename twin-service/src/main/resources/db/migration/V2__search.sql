-- What queries ask of twins. The sections as jsonb, made of the texts; a key or value that is looked for is found by an index.
alter table twin
    add column device_id     text collate "C" generated always as (split_part(id, '/', 1)) stored,
    -- '' of a device.
    add column module_id     text collate "C" generated always as (split_part(id, '/', 2)) stored,
    add column tags_json     jsonb generated always as (tags::jsonb) stored,
    add column desired_json  jsonb generated always as (desired::jsonb) stored,
    add column reported_json jsonb generated always as (reported::jsonb) stored;
-- The order of pages: devices by their ids, modules by theirs and then by that of the device.
create index twin_order on twin (module_id, id);
create index twin_modules on twin (device_id) where module_id <> '';
create index twin_tags on twin using gin (tags_json);
create index twin_desired on twin using gin (desired_json);
create index twin_reported on twin using gin (reported_json);

-- What the registry tells of a device or module, in the words of the wire, as queries compare them. Of one generation the
-- latest version counts.
create table twin_identity (
    id                   text collate "C" primary key,
    generation           bigint not null,
    version              bigint not null,
    etag                 text   not null,
    status               text   not null,
    status_reason        text,
    status_updated_at    timestamptz,
    authentication       text   not null,
    primary_thumbprint   text,
    secondary_thumbprint text,
    -- Null of a module.
    edge                 boolean,
    device_scope         text,
    parent_scopes        jsonb
);
create index twin_identity_status on twin_identity (status);
create index twin_identity_edge on twin_identity (id) where edge;
create index twin_identity_parents on twin_identity using gin (parent_scopes);

-- One life of a gateway: the latest. Sessions of earlier lives ended with those.
create table gateway (
    ordinal     integer primary key,
    incarnation bigint      not null,
    alive_at    timestamptz not null
);

-- The latest session of each device or module that ever connected. They come and go without the twin. log_offset is that of
-- the last record of hub.connections that counted for the row: whatever is read again changes nothing.
create table connection (
    id            text collate "C" primary key,
    generation    bigint      not null,
    session       text        not null,
    ordinal       integer     not null,
    incarnation   bigint      not null,
    opened_at     timestamptz not null,
    closed_at     timestamptz,
    -- That the session announced; '' for none.
    model_id      text        not null,
    log_partition integer     not null,
    log_offset    bigint      not null
);
create index connection_open on connection (id) where closed_at is null;
create index connection_model on connection (model_id) where model_id <> '';
