-- one deployment that starts many, each tagged with an id of its own and writing a vault: many ids on one request. Its outputs are many, too.
insert into deployments by name
select 'nested' as dedupe_key, dep('nested', 'g', 'main') as dep_id, 'main' as name, sub('nested') as subscription_id, 'nested' as correlation_id, 'Succeeded' as state, hours(0) as start_ts, hours(1) as end_ts,
  (select list(dep('nested', 'g', 'd' || i)) from seq) as nested_deployment_ids, (select list(vault('nested', 'g', i)) from seq) as output_resource_ids, 'nested.json' as src_file, 0 as src_ordinal;
insert into requests by name
select 'nested' || i as dedupe_key, hours(0) as ts, 'PUT' as method, case i when 0 then dep('nested', 'g', 'main') else dep('nested', 'g', 'd' || i) end as resource_id,
  'sdk pid-' || guid(0) as user_agent, 'nested' as correlation_id, 200 as status, 'nested.json' as src_file, i as src_ordinal
from seq where i < 2;
insert into deployments by name
select 'nested' || i as dedupe_key, dep('nested', 'g', 'd' || i) as dep_id, 'd' || i as name, sub('nested') as subscription_id, 'nested' as correlation_id, case when i % 5 = 0 then 'Failed' else 'Succeeded' end as state,
  hours(0) as start_ts, hours(1) as end_ts, [dep('nested', 'g', 'e' || i)] as nested_deployment_ids, [vault('nested', 'g', i)] as output_resource_ids, 'nested.json' as src_file, i as src_ordinal
from seq where i > 0;
insert into uses select 'nested', sub('nested'), vault('nested', 'g', i), days(i % 60), 'nested-tenant' from seq;
