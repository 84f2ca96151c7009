-- Names of readers of the built-in endpoint. The key is the name in lower case.
create table consumer_group (
    key        text        primary key,
    name       text        not null,
    created_at timestamptz not null
);
insert into consumer_group values ('$default', '$Default', date_trunc('milliseconds', now()));
