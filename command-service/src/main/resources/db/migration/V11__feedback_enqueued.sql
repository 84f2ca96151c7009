-- When a batch was made, for back ends that receive it over AMQP.
alter table feedback_batch add column enqueued_at timestamptz not null default now();
