-- Modules have what devices have: a life, credentials, a session. So they stand in the same table, under one key that
-- connections, look-ups and locks use for both: 'device' or 'device/module' (no id has a slash in it).
drop view device_state;
drop view device_connection;

alter table device rename to identity;
alter table identity rename column device_id to id;
alter index device_pkey rename to identity_pkey;
alter table identity
    -- The device, when this is a module of it. Nothing cascades: whoever removes a device removes its modules, and tells.
    add column module_of  text collate "C" references identity,
    add column managed_by text,
    drop constraint device_authentication_check,
    add check (authentication in ('SAS', 'SELF_SIGNED', 'CERTIFICATE_AUTHORITY', 'NONE')),
    add check (module_of is null or starts_with(id, module_of || '/'));
create index identity_module_of on identity (module_of) where module_of is not null;

alter table connection rename column device_id to identity;

-- The one rule of who is connected: the session was not closed, its gateway has not been started again since, and has
-- shown that it lives within the last 30 s.
create view connection_state as
select c.identity,
       c.closed_at is null and g.incarnation = c.incarnation and g.alive_at > now() - interval '30 seconds' as connected,
       case
           when c.closed_at is not null then c.closed_at
           when g.incarnation <> c.incarnation then g.started_at
           when g.alive_at <= now() - interval '30 seconds' then g.alive_at
           else c.opened_at
       end         as state_updated_at,
       c.opened_at as last_activity_at
from connection c
         join gateway g on g.ordinal = c.ordinal;

-- Edge devices that were there before get the modules that every edge device has. Their generation is the device's.
with made as (
    insert into identity (id, module_of, managed_by, generation_id, version, enabled, authentication, edge)
        select d.id || '/' || m.id, d.id, 'iotEdge', d.generation_id, 1 + floor(random() * 1073741823)::bigint, true,
               'NONE', false
        from identity d
                 cross join (values ('$edgeAgent'), ('$edgeHub')) as m (id)
        where d.edge
        returning id, module_of, generation_id, version)
insert
into outbox (topic, record_key, record_value)
select 'hub.registry',
       module_of,
       json_build_object('type', 'Created', 'identity', id, 'generationId', generation_id, 'version', version,
                         'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
from made
order by id;
