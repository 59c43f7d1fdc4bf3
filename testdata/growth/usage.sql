insert into slices by name
select distinct
  u.slice_id, u.slice_id as run_key, u.slice_id as export_group, '/subscriptions/' || u.subscription_id as scope, 'amortized' as cost_basis, u.slice_id as export_name,
  'r' as export_run_id, timestamp '2026-02-01' as submitted_at, true as is_whole, date '2026-01-01' as month_start, 2 as scope_rank, '' as change_token, 0 as usage_rows,
  0 as rows_rejected, true as is_live, [u.slice_id || '.csv'] as source_paths, 'run' as loaded_in, date '2026-01-01' as days_from, date '2099-01-01' as days_to
from uses u
anti join slices s on s.slice_id = u.slice_id;
insert into usage by name
select
  u.slice_id, s.cost_basis, s.scope, s.export_name, s.slice_id || '.csv' as blob_name, row_number() over () as row_no, u.usage_date, u.resource_id, u.subscription_id,
  regexp_extract(u.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) as resource_group, 1 as quantity, 1 as billed_cost, 1 as effective_cost,
  'EUR' as billing_currency, 'm' as meter_id, 'usage' as charge_class, true as is_usage, u.tenant_id as customer_tenant_id
from uses u
join slices s on s.slice_id = u.slice_id;
