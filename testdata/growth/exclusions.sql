-- many customers who opted out: tenants, subscriptions, groups; one subscription that goes from one tenant to another every day, half of whom opted out, with many sightings and records
insert into exclusions by name
select 'x' as scope, t.kind as scope_kind, t.id as scope_id, case when i % 2 = 0 then date '2026-01-05' end as since
from seq, lateral (values ('tenant', 'tenant' || (2 * i)), ('subscription', sub('out' || i)), ('resource_group', grp('exclusions', 'out' || i))) t(kind, id);
insert into customers by name
select sub('out' || i) as subscription_id, 'tenant' || i as customer_tenant_id, 'customer ' || i as customer_name from seq;
insert into activity by name
select 'exclusions' || t.kind || i as event_id, 'exclusions' || t.kind || i as dedupe_key, hours(24 * i) as event_ts, 'exclusions' || t.kind || i as correlation_id, t.operation, 'succeeded' as status, t.id as resource_id, t.subscription_id,
  'exclusions' || i || '.json' as src_file, i as src_ordinal
from seq, lateral (values
  ('named', 'microsoft.resources/deployments/write', dep('exclusions', 'g', 'pid-' || guid(0)), sub('exclusions')),
  ('written', 'microsoft.keyvault/vaults/write', vault('exclusions', 'g', 'v'), sub('exclusions')),
  ('out', 'microsoft.resources/deployments/write', dep('exclusions', 'out' || i, 'pid-' || guid(1)), sub('exclusions')),
  ('sub', 'microsoft.resources/deployments/write', dep('out' || i, 'g', 'pid-' || guid(2)), sub('out' || i))
) t(kind, operation, id, subscription_id);
insert into uses
select t.slice_id, t.subscription_id, t.id, days(i), t.tenant_id
from seq, lateral (values
  ('exclusions', sub('exclusions'), vault('exclusions', 'g', 'v'), 'tenant' || i),
  ('exclusions', sub('exclusions'), vault('exclusions', 'out' || i, 'v'), 'tenant' || i),
  ('out' || i, sub('out' || i), vault('out' || i, 'g', 'v'), cast(null as varchar))
) t(slice_id, subscription_id, id, tenant_id);
insert into files by name
select 'exclusions' || i || '.json' as path, 1 as size, hours(0) as modified_at, '' as read_as, 'loaded' as status, 'line 1 names ' || sub('out' || i) as reason, 1 as rows_read, 1 as rows_loaded, 1 as rows_rejected, 'run' as run_id from seq;
insert into rejects by name
select 'exclusions' || i || '.json' as path, 1 as record, sub('out' || i) as value, 'no number' as reason, 'run' as run_id from seq;
