-- Records that go to a certain partition of their topic say so. Repeatable, since it comes after the migrations that a
-- service has already run.
alter table outbox add column if not exists record_partition integer;
