-- Quality of service at which a device takes messages when it comes back, since it keeps its session. Written as gateways
-- tell it, and by nobody else.
alter table identity add column kept_qos integer;
