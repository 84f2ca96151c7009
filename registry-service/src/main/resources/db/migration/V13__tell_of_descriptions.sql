-- Events have a description of the identity now. Who keeps one of each hears of all once more, as updated; a device before its
-- modules. What is not there is left out, but the scopes above, which are a list.
insert into outbox (topic, record_key, record_value)
select 'hub.registry',
       coalesce(module_of, id),
       json_strip_nulls(json_build_object(
               'type', 'Updated', 'identity', id, 'generationId', generation_id, 'version', version,
               'status', case when enabled then 'ENABLED' else 'DISABLED' end,
               'description', json_build_object(
                       'etag', encode(convert_to(version::text, 'UTF8'), 'base64'),
                       'status', case when enabled then 'ENABLED' else 'DISABLED' end,
                       'statusReason', status_reason,
                       'statusUpdatedAt',
                       to_char(status_updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                       'authentication', case authentication
                                             when 'SAS' then 'sas'
                                             when 'SELF_SIGNED' then 'selfSigned'
                                             when 'CERTIFICATE_AUTHORITY' then 'certificateAuthority'
                                             else 'none' end,
                       'primaryThumbprint', primary_thumbprint,
                       'secondaryThumbprint', secondary_thumbprint,
                       'iotEdge', case when module_of is null then edge end,
                       'deviceScope', coalesce(edge_scope, parent_scope),
                       'parentScopes', array_remove(array [parent_scope], null)),
               'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text
from identity
order by id;
