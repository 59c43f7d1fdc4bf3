-- counted_days: one row per slice, subscription and day whose usage rows count: right cost basis, no overlapping export before it.
-- Why: every later step and every report reads usage through this filter, so a row counts in all of them or in none.
select distinct
  d.slice_id,
  d.subscription_key,
  d.usage_date
from usage_days d
join basis_choice b
  on b.subscription_key = d.subscription_key and b.month_start = d.month_start and b.cost_basis = d.cost_basis
left join export_overlaps o
  on o.slice_id = d.slice_id and o.subscription_key = d.subscription_key and o.usage_date = d.usage_date
where o.slice_id is null
