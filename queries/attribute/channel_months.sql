-- channel_months: one row per month, MPN ID, offer, currency and channel with its sums.
-- Why: channels compares each line with the whole offer and with the month before.
select
  c.month_start,
  c.mpn_id,
  c.offer,
  c.billing_currency as currency,
  c.channel,
  cast(sum(c.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(c.effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(c.cost_usd) as decimal(38,18)) as cost_usd,
  cast(count(distinct c.customer_tenant_id) as bigint) as customers
from credited_usage c
where c.counts_in_channel
group by c.month_start, c.mpn_id, c.offer, c.billing_currency, c.channel
