-- The sweep that has waited longest is next, so that none keeps others from their turn.
alter table configuration_sweep
    add column waits_since timestamptz not null default clock_timestamp();

-- When all its twins were last looked through, and its metrics counted.
alter table configuration
    add column swept_at timestamptz not null default now(),
    add column counted_at timestamptz not null default '-infinity';
