-- usage_days: one row per slice, subscription, day, customer tenant and currency that the slice holds usage rows for.
-- Why: which cost basis counts and which of two overlapping exports wins is decided by subscription and day (SPEC 3.2, 5.J),
-- so those decisions run on this small table and not on the usage rows; a slice never changes, so it is made once for each. A row
-- without a subscription stands under its scope.
select
  u.slice_id,
  coalesce(u.subscription_id, '(' || coalesce(u.scope, '') || ')') as subscription_key,
  u.usage_date,
  cast(date_trunc('MONTH', u.usage_date) as date) as month_start,
  u.cost_basis,
  u.customer_tenant_id,
  u.billing_currency as currency,
  cast(count(*) as bigint) as usage_rows,
  cast(sum(u.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(u.effective_cost) as decimal(38,18)) as effective_cost
from usage u
group by
  u.slice_id,
  coalesce(u.subscription_id, '(' || coalesce(u.scope, '') || ')'),
  u.usage_date,
  u.cost_basis,
  u.customer_tenant_id,
  u.billing_currency
