-- Who keeps something for each identity reads of it in hub.registry, which holds a week. So all are told of once more, as
-- updated; a device before its modules.
insert into outbox (topic, record_key, record_value)
select 'hub.registry',
       coalesce(module_of, id),
       json_build_object('type', 'Updated', 'identity', id, 'generationId', generation_id, 'version', version,
                         'status', case when enabled then 'ENABLED' else 'DISABLED' end,
                         'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
from identity
order by id;
