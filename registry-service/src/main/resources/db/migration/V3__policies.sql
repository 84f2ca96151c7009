-- Counts writes of a policy; the entity tag is made of it.
alter table access_policy add column version bigint not null default 1;
alter table access_policy alter column version drop default;

-- The owner manages the hub too, also one whose policies were made before there was that permission.
update access_policy
set permissions = array_append(permissions, 'HUB_MANAGE')
where name = 'iothubowner' and not 'HUB_MANAGE' = any (permissions);
