-- one group filled and deleted again and again, with the same vault and one of its own in each cycle
insert into activity by name
select 'cycles' || t.kind || i as event_id, 'cycles' || t.kind || i as dedupe_key, hours(i) + to_minutes(t.minute) as event_ts, 'cycles' || i as correlation_id,
  t.operation, 'succeeded' as status, t.id || t.tail as resource_id, sub('cycles') as subscription_id, 'cycles-tenant' as tenant_id, 'cycles.json' as src_file, i as src_ordinal
from seq, lateral (values
  ('named', 1, 'microsoft.resources/deployments/write', dep('cycles', 'g', 'pid-' || guid(0)), ''),
  ('same', 2, 'microsoft.keyvault/vaults/write', vault('cycles', 'g', 'same'), ''),
  ('own', 3, 'microsoft.keyvault/vaults/write', vault('cycles', 'g', i), ''),
  ('child', 3, 'microsoft.keyvault/vaults/secrets/write', vault('cycles', 'g', 'same'), '/secrets/s'),
  ('deleted', 40, 'microsoft.resources/subscriptions/resourcegroups/delete', grp('cycles', 'g'), '')
) t(kind, minute, operation, id, tail);
insert into uses select 'cycles', sub('cycles'), vault('cycles', 'g', i), days(i % 60), 'cycles-tenant' from seq;
insert into uses select 'cycles', sub('cycles'), vault('cycles', 'g', 'same'), days(i % 60), 'cycles-tenant' from seq;
