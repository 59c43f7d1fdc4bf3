-- many registered ids, GUIDs and words that begin alike, and many names that are nearly one of them: cut, mistyped, without prefix
insert into registrations by name
select guid(i) as tracking_id, '1' as mpn_id, 'offer ' || i as offer, 'sku' as sku, 'github' as channel, date '2025-01-01' as registered_at, 'guid' as kind, 'registry.csv' as src_file, i as src_record from seq
union all by name
select 'contoso-edge-' || i as tracking_id, '1' as mpn_id, 'words ' || i as offer, 'sku' as sku, 'marketplace' as channel, date '2026-01-15' as registered_at, 'partnercenter' as kind, 'registry.csv' as src_file, i as src_record from seq;
insert into requests by name
select 'registry' || t.kind || i as dedupe_key, hours(i) as ts, 'PUT' as method, vault('registry', 'g', t.kind || i) as resource_id, 'sdk ' || t.token as user_agent, 'registry' || t.kind || i as correlation_id, 200 as status, 'registry.json' as src_file, i as src_ordinal
from seq, lateral (values
  ('right', 'pid-' || guid(i)),
  ('words', 'pid-contoso-edge-' || i || '-partnercenter'),
  ('short', 'pid-' || substring(guid(i), 1, 35)),
  ('digits', 'pid-' || replace(guid(i), '-', '')),
  ('one', 'pid-' || substring(guid(i), 1, 35) || 'g'),
  ('cut', 'pid-' || substring(guid(i), 1, 12)),
  ('alike', 'pid-' || lpad(to_hex(i + 4096), 8, '0') || '-1111-4111-8111-11111111111' || (i % 7 + 2) || 'z'),
  ('bare', guid(i)),
  ('foreign', 'pid-' || replace(guid(i), '1111', '2222'))
) t(kind, token);
insert into uses select 'registry', sub('registry'), q.resource_id, cast(q.ts as date) + 31, 'registry-tenant' from requests q where q.src_file = 'registry.json';
