-- counted_usage: one row per usage row that counts, with the columns the judgement and the reports need.
-- Why: the ledger keeps every delivered row of the winning runs; this view is the input total that `coverage` adds up to.
-- The customer of a row is its own, else that of customers.csv (SPEC 6).
select
  u.slice_id,
  u.blob_name,
  u.row_no,
  u.usage_date,
  u.resource_id,
  u.subscription_id,
  coalesce(u.customer_tenant_id, c.customer_tenant_id) as customer_tenant_id,
  coalesce(u.customer_name, c.customer_name) as customer_name,
  u.meter_category,
  u.meter_subcategory,
  u.unit,
  u.quantity,
  u.billed_cost,
  u.effective_cost,
  u.cost_usd,
  u.billing_currency,
  u.is_usage
from usage u
join counted_days d
  on d.slice_id = u.slice_id
  and d.subscription_key = coalesce(u.subscription_id, '(' || coalesce(u.scope, '') || ')')
  and d.usage_date = u.usage_date
left join customers c
  on c.subscription_id = u.subscription_id
