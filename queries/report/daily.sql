-- daily: one row per usage day, registration and currency (SPEC 6).
-- Why: the summary at the grain of the exports, for charts and spikes.
select
  c.usage_date,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  c.tracking_id,
  c.billing_currency as currency,
  cast(sum(c.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(c.effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(c.cost_usd) as decimal(38,18)) as cost_usd,
  cast(count(*) as bigint) as usage_rows,
  cast(count(distinct c.resource_id) as bigint) as resources
from credited_usage c
group by c.usage_date, c.mpn_id, c.offer, c.sku, c.channel, c.tracking_id, c.billing_currency
