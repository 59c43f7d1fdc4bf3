-- one correlation id with many calls, each with a User-Agent, on vaults of one group, and on deployments
insert into requests by name
select 'calls' || t.kind || i as dedupe_key, hours(i % 24) as ts, t.method, t.id as resource_id, 'terraform pid-' || guid(i % 40) || ' call ' || i as user_agent, 'calls' as correlation_id, 200 as status,
  'calls.json' as src_file, i as src_ordinal
from seq, lateral (values ('vault', 'PUT', vault('calls', 'g', i)), ('deployment', 'PUT', dep('calls', 'g', 'd' || i)), ('deleted', 'DELETE', vault('calls', 'h', i)), ('action', 'POST', vault('calls', 'g', i) || '/purge')) t(kind, method, id);
insert into activity by name
select 'calls' || i as event_id, 'calls' || i as dedupe_key, hours(i % 24) as event_ts, 'calls' as correlation_id, 'microsoft.keyvault/vaults/write' as operation, case when i % 2 = 0 then 'failed' else 'succeeded' end as status,
  vault('calls', 'g', i) as resource_id, sub('calls') as subscription_id, 'call' || i as client_request_id, 'calls.json' as src_file, i as src_ordinal
from seq;
insert into operations by name
select 'calls' || i as dedupe_key, dep('calls', 'g', 'd' || i) as dep_id, 'op' as operation_id, 'Create' as prov_op, 'Succeeded' as state, hours(i % 24) as ts, vault('calls', 'g', 'd' || i) as target_id,
  'microsoft.keyvault/vaults' as target_type, 'calls.json' as src_file, i as src_ordinal
from seq;
insert into uses select 'calls', sub('calls'), vault('calls', 'g', i), days(i % 60), 'calls-tenant' from seq;
insert into uses select 'calls', sub('calls'), vault('calls', 'g', 'd' || i), days(i % 60), 'calls-tenant' from seq;
