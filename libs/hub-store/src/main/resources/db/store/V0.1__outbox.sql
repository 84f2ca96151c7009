-- Records on their way to Kafka, see io.freehub.store.Outbox. Short-lived: each is deleted once Kafka confirmed it.
-- Comes before all migrations of a service (V1 and on); a later change of the table is a migration of each service.
create table outbox (
    id           bigint generated always as identity primary key,
    topic        text        not null,
    record_key   text        not null,
    record_value text,
    created_at   timestamptz not null default clock_timestamp()
);
-- Nearly empty most of the time, yet every change of state passes through it.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
