-- Twins live as long as their device or module: one row for each life of it.
create table twin (
    -- 'device' or 'device/module'; no id has a slash in it.
    id                text collate "C" primary key,
    -- Which life of the id this is; later ones are greater.
    generation        bigint not null,
    version           bigint not null,
    -- Writes of back ends; the entity tag is made of it.
    writes            bigint not null,
    -- JSON as it was sent. Not jsonb, which would write numbers in another way.
    tags              text   not null,
    desired           text   not null,
    desired_metadata  text   not null,
    desired_version   bigint not null,
    reported          text   not null,
    reported_metadata text   not null,
    reported_version  bigint not null
);
