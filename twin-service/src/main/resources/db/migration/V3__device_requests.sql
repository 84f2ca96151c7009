-- Which session is told of desired properties that are written; none when there is none.
alter table twin add column watcher_gateway integer;
alter table twin add column watcher_session text;

-- How far the requests of devices have been answered. Written with what they changed, so that none counts twice.
create table twin_request_position (
    partition   integer primary key,
    next_offset bigint not null
);
