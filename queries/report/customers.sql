-- customers: one row per month, MPN ID, offer, channel, customer and subscription, and currency (SPEC 6).
-- Why: who uses the software. With credit: full a usage row counts once per line, however many of its ids share the line.
select
  substring(cast(c.month_start as string), 1, 7) as month,
  c.mpn_id,
  c.offer,
  c.channel,
  c.customer_tenant_id,
  c.subscription_id,
  c.billing_currency as currency,
  max(c.customer_name) as customer_name,
  cast(sum(c.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(c.effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(c.cost_usd) as decimal(38,18)) as cost_usd,
  cast(count(distinct c.resource_id) as bigint) as resources,
  min(c.usage_date) as first_usage_date
from credited_usage c
where c.counts_in_channel
group by c.month_start, c.mpn_id, c.offer, c.channel, c.customer_tenant_id, c.subscription_id, c.billing_currency
