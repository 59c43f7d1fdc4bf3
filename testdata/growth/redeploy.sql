-- one name deployed again and again: every run writes the same vault and one of its own, and starts one nested deployment
insert into deployments by name
select 'redeploy' || i as dedupe_key, dep('redeploy', 'g', 'pid-' || guid(0)) as dep_id, 'pid-' || guid(0) as name, sub('redeploy') as subscription_id, 'redeploy' || i as correlation_id,
  'Succeeded' as state, hours(i) as start_ts, hours(i) + to_minutes(9) as end_ts, case when i % 2 = 0 then 540000 end as duration_ms,
  [dep('redeploy', 'g', 'nested')] as nested_deployment_ids, 'redeploy.json' as src_file, i as src_ordinal
from seq;
insert into operations by name
select 'redeploy' || i || t.kind as dedupe_key, dep('redeploy', 'g', 'pid-' || guid(0)) as dep_id, 'op' || t.kind as operation_id, 'Create' as prov_op, 'Succeeded' as state, hours(i) + to_minutes(8) as ts,
  case t.kind when 'same' then vault('redeploy', 'g', 0) when 'own' then vault('redeploy', 'g', i) else dep('redeploy', 'g', 'nested') end as target_id,
  case t.kind when 'nested' then 'microsoft.resources/deployments' else 'microsoft.keyvault/vaults' end as target_type,
  'redeploy.json' as src_file, i as src_ordinal
from seq, (values ('same'), ('own'), ('nested'), ('failed')) t(kind);
insert into operations by name
select 'redeploy state' || i as dedupe_key, dep('redeploy', 'g', 'pid-' || guid(0)) as dep_id, 'opsame' as operation_id, 'Create' as prov_op, 'Running' as state, hours(i) + to_minutes(7) as ts,
  vault('redeploy', 'g', 0) as target_id, 'microsoft.keyvault/vaults' as target_type, 'redeploy.json' as src_file, i as src_ordinal
from seq;
insert into uses select 'redeploy', sub('redeploy'), vault('redeploy', 'g', i), days(i % 60), 'redeploy-tenant' from seq;
insert into uses select 'redeploy', sub('redeploy'), vault('redeploy', 'g', 0), days(i % 60), 'redeploy-tenant' from seq;
