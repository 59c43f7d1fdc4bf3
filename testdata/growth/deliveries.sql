-- one folder that usage is put into again and again: files of the same day with the same charges, two runs of exports of other bases, and exports of one scope
insert into slices by name
select t.kind || i as slice_id, t.kind || i as run_key, t.kind || i as export_group, t.scope, t.cost_basis, 'export' as export_name, 'r' as export_run_id, hours(i) as submitted_at, true as is_whole,
  case when t.kind <> 'file' then date '2026-01-01' end as month_start, t.scope_rank, '' as change_token, 0 as usage_rows, 0 as rows_rejected, true as is_live, [t.kind || i || '.csv'] as source_paths, 'run' as loaded_in,
  case when t.kind <> 'file' then date '2026-01-01' end as days_from, case when t.kind <> 'file' then date '2026-01-31' end as days_to
from seq, lateral (values
  ('file', '', 'amortized', 0),
  ('equal', '/subscriptions/' || sub('equal'), 'amortized', 2),
  ('basis', '/subscriptions/' || sub('basis'), case when i % 2 = 0 then 'actual' else 'amortized' end, 2),
  ('group', grp('group', 'g' || i), 'amortized', 1),
  ('wide', '/subscriptions/' || sub('group'), 'amortized', 2),
  ('late', '/subscriptions/' || sub('late'), 'amortized', 2)
) t(kind, scope, cost_basis, scope_rank)
where t.kind <> 'wide' or i = 0;
insert into files by name
select 'file' || i || '.csv' as path, 1 as size, hours(i) as modified_at, '' as read_as, 'loaded' as status, 'file' || i as slice_id, 1 as rows_read, 1 as rows_loaded, 0 as rows_rejected, 'run' as run_id from seq;
insert into uses
select t.kind || i, t.subscription_id, t.id, t.day, 'deliveries-tenant'
from seq, lateral (values
  ('file', sub('file'), vault('file', 'g', i // 2), days(0)),
  ('file', sub('file'), vault('file', 'g', 'same'), days(0)),
  ('equal', sub('equal'), vault('equal', 'g', 0), days(0)),
  ('basis', sub('basis'), vault('basis', 'g', 0), days(0)),
  ('group', sub('group'), vault('group', 'g' || i, 0), days(0)),
  ('late', sub('late'), vault('late', 'g', 0), days(40))
) t(kind, subscription_id, id, day);
insert into uses select 'wide0', sub('group'), vault('group', 'g' || i, 0), days(0), 'deliveries-tenant' from seq;
-- and one day of a subscription that many exports of each scope, exports without a scope, files and late rows hold
insert into slices by name
select t.kind || i as slice_id, t.kind || i as run_key, t.kind || i as export_group, t.scope, 'amortized' as cost_basis, 'export' as export_name, 'r' as export_run_id, hours(i) as submitted_at, true as is_whole,
  case when t.kind <> 'crowdfile' then date '2026-01-01' end as month_start, t.scope_rank, '' as change_token, 0 as usage_rows, 0 as rows_rejected, true as is_live, [t.kind || i || '.csv'] as source_paths, 'run' as loaded_in,
  case when t.kind = 'crowdlate' then date '2026-02-01' when t.kind <> 'crowdfile' then date '2026-01-01' end as days_from,
  case when t.kind = 'crowdlate' then date '2026-02-28' when t.kind <> 'crowdfile' then date '2026-01-31' end as days_to
from seq, lateral (values
  ('crowd', '/subscriptions/' || sub('crowd'), 2),
  ('crowdgroup', grp('crowd', 'g' || i % 8), 1),
  ('crowdfolder', 'folder:f' || i, 0),
  ('crowdlate', '/subscriptions/' || sub('crowd'), 2),
  ('crowdfile', '', 0),
  ('crowdcustomer', '/providers/microsoft.billing/billingaccounts/a/customers/c', 4),
  ('crowdprofile', '/providers/microsoft.billing/billingaccounts/a/billingprofiles/p', 5)
) t(kind, scope, scope_rank);
insert into files by name
select 'crowdfile' || i || '.csv' as path, 1 as size, hours(i) as modified_at, '' as read_as, 'loaded' as status, 'crowdfile' || i as slice_id, 1 as rows_read, 1 as rows_loaded, 0 as rows_rejected, 'run' as run_id from seq;
insert into uses
select t.kind || i, sub('crowd'), vault('crowd', 'g' || t.g, 0), days(0), 'deliveries-tenant'
from seq, lateral (values ('crowd', 0), ('crowdgroup', i % 8), ('crowdfolder', i), ('crowdlate', i), ('crowdfile', i), ('crowdcustomer', i), ('crowdprofile', i)) t(kind, g);
