-- one vault that moves back and forth and is written in between, and one move of many vaults, whose groups are the same; moves without a target out of many groups
insert into activity by name
select 'moves' || i as event_id, 'moves' || i as dedupe_key, hours(i) as event_ts, 'moves' || i as correlation_id, 'microsoft.resources/subscriptions/resourcegroups/moveresources/action' as operation, 'succeeded' as status,
  grp('moves', case when i % 2 = 0 then 'a' else 'b' end) as resource_id, sub('moves') as subscription_id, grp('moves', case when i % 2 = 0 then 'b' else 'a' end) as move_target,
  [vault('moves', case when i % 2 = 0 then 'a' else 'b' end, 'same')] as move_resources, 'moves.json' as src_file, i as src_ordinal
from seq;
insert into activity by name
select 'moves written' || i as event_id, 'moves written' || i as dedupe_key, hours(i) - to_minutes(30) as event_ts, 'moves written' || i as correlation_id, 'microsoft.keyvault/vaults/write' as operation, 'succeeded' as status,
  vault('moves', case when i % 2 = 0 then 'a' else 'b' end, 'same') as resource_id, sub('moves') as subscription_id, 'moves.json' as src_file, i as src_ordinal
from seq;
insert into activity by name
select 'moves all' as event_id, 'moves all' as dedupe_key, hours(1) as event_ts, 'moves all' as correlation_id, 'microsoft.resources/subscriptions/resourcegroups/moveresources/action' as operation, 'succeeded' as status,
  grp('moves', 'c') as resource_id, sub('moves') as subscription_id, grp('moves', 'd') as move_target, (select list(vault('moves', 'c', i)) from seq) as move_resources, 'moves.json' as src_file, 0 as src_ordinal;
insert into activity by name
select 'moves' || t.kind || i as event_id, 'moves' || t.kind || i as dedupe_key, hours(0) as event_ts, 'moves' || t.kind || i as correlation_id, t.operation, 'succeeded' as status, t.id as resource_id, sub('moves') as subscription_id, 'moves.json' as src_file, i as src_ordinal
from seq, lateral (values
  ('c', 'microsoft.keyvault/vaults/write', vault('moves', 'c', i)),
  ('from', 'microsoft.keyvault/vaults/write', vault('moves', 'from' || i, 'same')),
  ('unknown', 'microsoft.resources/subscriptions/resourcegroups/moveresources/action', grp('moves', 'from' || i))
) t(kind, operation, id);
insert into uses
select 'moves', sub('moves'), t.id, days(i % 60), 'moves-tenant'
from seq, lateral (values (vault('moves', 'a', 'same')), (vault('moves', 'd', i)), (vault('moves', 'to' || i, 'same'))) t(id);
