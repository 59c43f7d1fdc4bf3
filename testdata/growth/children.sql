-- one parent, written again and again, with many children that have usage and no write, some groups below clusters, and many extensions
insert into changes by name
select 'children' || i as dedupe_key, hours(i) as ts, vault('children', 'g', 'p') as resource_id, sub('children') as subscription_id, case when i = 0 then 'create' else 'update' end as change_type, 'children' || i as correlation_id,
  'children.json' as src_file, i as src_ordinal
from seq;
insert into changes by name
select 'children deleted' || i as dedupe_key, hours(i) as ts, vault('children', 'g', i) as resource_id, sub('children') as subscription_id, 'delete' as change_type, 'children deleted' || i as correlation_id,
  'children.json' as src_file, i as src_ordinal
from seq;
insert into requests by name
select 'children' || i as dedupe_key, hours(i) as ts, 'PUT' as method, vault('children', 'g', 'p') as resource_id, 'sdk pid-' || guid(0) as user_agent, 'children' || i as correlation_id, 200 as status, 'children.json' as src_file, i as src_ordinal
from seq;
insert into activity by name
select 'children' || t.kind || i as event_id, 'children' || t.kind || i as dedupe_key, hours(i) as event_ts, 'children' || i as correlation_id, t.operation, 'succeeded' as status, t.id as resource_id, sub('children') as subscription_id,
  case when t.kind = 'managed' then vault('children', 'g', 'p') end as managed_by, 'children.json' as src_file, i as src_ordinal
from seq, lateral (values
  ('lock', 'microsoft.authorization/locks/write', vault('children', 'g', 'p')),
  ('managed', 'microsoft.resources/subscriptions/resourcegroups/write', grp('children', 'm' || i)),
  ('cluster', 'microsoft.containerservice/managedclusters/write', grp('children', 'g') || '/providers/microsoft.containerservice/managedclusters/c' || i)
) t(kind, operation, id);
insert into uses
select 'children', sub('children'), t.id, days(i % 60), 'children-tenant'
from seq, lateral (values (vault('children', 'g', 'p') || '/secrets/s' || i), (vault('children', 'mc_g_c' || i || '_westeurope', 'v')), (vault('children', 'm' || i, 'v'))) t(id);
