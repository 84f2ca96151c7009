-- What else a device or module hears when it comes back, since it keeps its session: calls of its methods, answers about its
-- twin, its desired properties. Written as gateways tell it, and by nobody else.
alter table identity add column kept_feeds text[] not null default '{}';
