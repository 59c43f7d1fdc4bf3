-- summary: one row per month, registration and currency: what the tracking id was credited with (SPEC 6).
-- Why: the partner's headline. duplicate_cost is the part that is credited to a primary id elsewhere too (credit: full).
select
  substring(cast(c.month_start as string), 1, 7) as month,
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
  cast(count(distinct c.resource_id) as bigint) as resources,
  cast(count(distinct c.subscription_id) as bigint) as subscriptions,
  cast(count(distinct c.customer_tenant_id) as bigint) as customers,
  min(c.usage_date) as first_usage_date,
  max(c.usage_date) as last_usage_date,
  cast(sum(case when c.is_duplicate then c.effective_cost else cast(0 as decimal(38,18)) end) as decimal(38,18)) as duplicate_cost
from credited_usage c
group by c.month_start, c.mpn_id, c.offer, c.sku, c.channel, c.tracking_id, c.billing_currency
