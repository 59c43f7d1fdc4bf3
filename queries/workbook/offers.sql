-- offers: the report summary, the newest month and the most money first.
-- Why: what each offer, plan and tracking id brings.
select
  month, currency, offer, sku, channel, mpn_id, effective_cost, billed_cost, cost_usd, duplicate_cost, usage_rows, resources, subscriptions, customers,
  first_usage_date, last_usage_date, tracking_id
from summary
order by month desc nulls last, currency asc nulls first, effective_cost desc nulls last, mpn_id asc nulls first, offer asc nulls first, sku asc nulls first,
  channel asc nulls first, tracking_id asc nulls first
