-- channels: one row per month, MPN ID, offer, currency and channel, with its share of the offer and its growth (SPEC 6).
-- Why: which channel wins. share is of the offer's effective cost of the month, growth is to the month before of the same line,
-- deployments are the requests that own rows of the line and carry the credited id in a deployment name.
select
  substring(cast(m.month_start as string), 1, 7) as month,
  m.mpn_id,
  m.offer,
  m.currency,
  m.channel,
  m.billed_cost,
  m.effective_cost,
  m.cost_usd,
  cast(try_divide(m.effective_cost, m.offer_cost) as decimal(38,6)) as share,
  cast(try_divide(cast(cast(m.effective_cost as decimal(37,18)) - cast(b.effective_cost as decimal(37,18)) as decimal(38,18)), b.effective_cost) as decimal(38,6)) as growth,
  m.customers,
  coalesce(d.deployments, cast(0 as bigint)) as deployments
from (
  select
    l.month_start,
    l.mpn_id,
    l.offer,
    l.currency,
    l.channel,
    l.billed_cost,
    l.effective_cost,
    l.cost_usd,
    l.customers,
    cast(sum(l.effective_cost) over (partition by l.month_start, l.mpn_id, l.offer, l.currency) as decimal(38,18)) as offer_cost
  from channel_months l
) m
left join channel_months b
  on b.month_start = cast(m.month_start - interval '1' month as date)
  and b.mpn_id is not distinct from m.mpn_id
  and b.offer is not distinct from m.offer
  and b.currency is not distinct from m.currency
  and b.channel is not distinct from m.channel
left join (
  select c.month_start, c.mpn_id, c.offer, c.currency, c.channel, cast(count(distinct c.correlation_id) as bigint) as deployments
  from channel_requests c
  join named_requests n on n.correlation_id = c.correlation_id and n.tracking_id = c.tracking_id
  group by c.month_start, c.mpn_id, c.offer, c.currency, c.channel
) d
  on d.month_start = m.month_start
  and d.mpn_id is not distinct from m.mpn_id
  and d.offer is not distinct from m.offer
  and d.currency is not distinct from m.currency
  and d.channel is not distinct from m.channel
