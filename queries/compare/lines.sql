-- lines: one row per thing that is compared (a channel, offer, MPN ID or month), currency, month, and offer when it is asked for.
-- Why: what each brings, whom, and how it changed since the month it is compared with (base), by kind of customer.
--
-- $by is what is compared: channel, offer, mpn or month. $per_offer is 'true' for one row per offer. $targets is a JSON list of the months
-- with their base; a base of null is before the snapshot. $names is a JSON list of what was named: it has a row, also without usage.
-- The other parameters are filters; empty: all. Who a customer is: reader/customer_months.sql. A row without currency has deployments, but
-- no usage.
with targets as (
  select t.month, t.base
  from (select unnest(from_json($targets, '[{"month": "VARCHAR", "base": "VARCHAR"}]'), recursive := true)) t
),
names as (
  select unnest(from_json($names, '["VARCHAR"]')) as name
),
-- sums: one row per month, line and customer. Months are compared over all that the filters leave: their line has no name.
sums as (
  select
    c.month,
    case $by when 'channel' then coalesce(c.channel, '') when 'offer' then coalesce(c.offer, '') when 'mpn' then coalesce(c.mpn_id, '') else '' end as item,
    case when $per_offer = 'true' then coalesce(c.offer, '') else '' end as offer,
    coalesce(c.currency, '') as currency,
    coalesce(c.customer, '') as customer,
    cast(sum(c.effective_cost) as decimal(38,18)) as cost
  from customer_months c
  where ($channel = '' or c.channel = $channel)
    and ($offer = '' or c.offer = $offer)
    and ($mpn = '' or c.mpn_id = $mpn)
    and ($currency = '' or c.currency = $currency)
  group by all
),
-- lines: one row per month and line, with its first-month customers.
lines as (
  select
    s.month, s.item, s.offer, s.currency,
    cast(sum(s.cost) as decimal(38,18)) as cost,
    count(*) filter (s.customer <> '') as customers,
    count(*) filter (s.customer <> '' and s.month = f.first_month) as new_customers
  from sums s
  join (
    select item, offer, currency, customer, min(month) as first_month
    from sums
    group by item, offer, currency, customer
  ) f on f.item = s.item and f.offer = s.offer and f.currency = s.currency and f.customer = s.customer
  group by s.month, s.item, s.offer, s.currency
),
-- totals: what the shares are shares of: all lines of the month, or all months.
totals as (
  select case when $by = 'month' then '' else month end as month, offer, currency, cast(sum(cost) as decimal(38,18)) as cost
  from lines
  group by all
),
-- kept: how many of the customers whose first month was the one before a target use the line in the target as well.
kept as (
  select t.month, f.item, f.offer, f.currency, count(*) as before, count(s.customer) as kept
  from targets t
  join (
    select item, offer, currency, customer, min(month) as first_month
    from sums
    where customer <> ''
    group by item, offer, currency, customer
  ) f on f.first_month = strftime(cast(t.month || '-01' as date) - interval 1 month, '%Y-%m')
  left join sums s on s.month = t.month and s.item = f.item and s.offer = f.offer and s.currency = f.currency and s.customer = f.customer
  group by t.month, f.item, f.offer, f.currency
),
-- moves: one row per target, line and customer of either month; NULL: no usage in it.
moves as (
  select
    t.month, s.item, s.offer, s.currency, s.customer,
    max(case when s.month = t.month then s.cost end) as cost,
    max(case when s.month = t.base then s.cost end) as base_cost
  from targets t
  join sums s on s.month = t.month or s.month = t.base
  group by t.month, s.item, s.offer, s.currency, s.customer
),
changes as (
  select
    month, item, offer, currency,
    cast(coalesce(sum(base_cost), 0) as decimal(38,18)) as base_cost,
    cast(coalesce(sum(cost) filter (base_cost is null), 0) as decimal(38,18)) as new_change,
    cast(coalesce(-sum(base_cost) filter (cost is null), 0) as decimal(38,18)) as lost_change,
    cast(coalesce(sum(cost - base_cost) filter (cost > base_cost), 0) as decimal(38,18)) as grown_change,
    cast(coalesce(sum(cost - base_cost) filter (cost < base_cost), 0) as decimal(38,18)) as shrunk_change,
    count(*) filter (base_cost is null) as new_count,
    count(*) filter (cost is null) as lost_count,
    count(*) filter (cost > base_cost) as grown_count,
    count(*) filter (cost < base_cost) as shrunk_count
  from moves
  group by month, item, offer, currency
),
-- requests_of: one row per line, month and request that is a deployment; they have no currency.
requests_of as (
  select distinct
    strftime(q.start_ts, '%Y-%m') as month,
    case $by when 'channel' then coalesce(r.channel, '') when 'offer' then coalesce(r.offer, '') when 'mpn' then coalesce(r.mpn_id, '') else '' end as item,
    case when $per_offer = 'true' then coalesce(r.offer, '') else '' end as offer,
    q.correlation_id,
    q.is_failed
  from requests q
  join registrations r on r.tracking_id = q.tracking_id
  where q.is_failed is not null
    and ($channel = '' or r.channel = $channel)
    and ($offer = '' or r.offer = $offer)
    and ($mpn = '' or r.mpn_id = $mpn)
),
deployments_of as (
  select month, item, offer, count(*) filter (is_failed = 0) as succeeded, count(*) filter (is_failed = 1) as failed
  from requests_of
  group by month, item, offer
),
-- shown: the rows of the answer: every line with usage in the month or its base, and what was named.
shown as (
  select distinct t.month, t.base, s.item, s.offer, s.currency
  from targets t
  join sums s on $by = 'month' or s.month = t.month or s.month = t.base or s.item in (select name from names)
),
framed as (
  select month, base, item, offer, currency from shown
  union all
  select d.month, t.base, d.item, d.offer, null as currency
  from deployments_of d
  join targets t on t.month = d.month
  left join shown w on w.month = d.month and w.item = d.item and w.offer = d.offer
  where w.month is null
  union all
  select t.month, t.base, n.name as item, '' as offer, null as currency
  from targets t
  cross join names n
  left join shown w on w.month = t.month and w.item = n.name
  left join deployments_of d on d.month = t.month and d.item = n.name
  where $by <> 'month' and w.month is null and d.month is null
)
select
  f.currency,
  f.offer as per_offer,
  f.month,
  f.base as compared_with,
  case when $by = 'month' then f.month else f.item end as item,
  case when f.currency is not null then coalesce(l.cost, 0) end as effective_cost,
  cast(try_divide(coalesce(l.cost, cast(0 as decimal(38,18))), a.cost) as decimal(38,6)) as share,
  case when f.base is not null and f.currency is not null then coalesce(c.base_cost, 0) end as cost_before,
  case when f.base is not null then cast(try_divide(cast(coalesce(l.cost, 0) - c.base_cost as decimal(38,18)), c.base_cost) as decimal(38,6)) end as growth,
  case when f.base is not null and f.currency is not null then cast(coalesce(l.cost, 0) - coalesce(c.base_cost, 0) as decimal(38,18)) end as change,
  case when f.base is not null and f.currency is not null then coalesce(c.new_change, 0) end as change_new,
  case when f.base is not null and f.currency is not null then coalesce(c.lost_change, 0) end as change_lost,
  case when f.base is not null and f.currency is not null then coalesce(c.grown_change, 0) end as change_grown,
  case when f.base is not null and f.currency is not null then coalesce(c.shrunk_change, 0) end as change_shrunk,
  case when f.base is not null and f.currency is not null then coalesce(c.new_count, 0) end as new_count,
  case when f.base is not null and f.currency is not null then coalesce(c.lost_count, 0) end as lost_count,
  case when f.base is not null and f.currency is not null then coalesce(c.grown_count, 0) end as grown_count,
  case when f.base is not null and f.currency is not null then coalesce(c.shrunk_count, 0) end as shrunk_count,
  coalesce(l.customers, 0) as customers,
  coalesce(l.new_customers, 0) as new_customers,
  cast(try_divide(cast(k.kept as decimal(38,18)), cast(k.before as decimal(18,0))) as decimal(38,6)) as retention,
  try_divide(l.cost, cast(l.customers as decimal(18,0))) as cost_per_customer,
  coalesce(d.succeeded, 0) as deployments,
  cast(try_divide(cast(d.succeeded as decimal(38,18)), cast(d.succeeded + d.failed as decimal(18,0))) as decimal(38,6)) as success_rate
from framed f
left join lines l on l.month = f.month and l.item = f.item and l.offer = f.offer and l.currency = f.currency
left join totals a on a.month = case when $by = 'month' then '' else f.month end and a.offer = f.offer and a.currency = f.currency
left join changes c on c.month = f.month and c.item = f.item and c.offer = f.offer and c.currency = f.currency
left join kept k on k.month = f.month and k.item = f.item and k.offer = f.offer and k.currency = f.currency
left join deployments_of d on d.month = f.month and d.item = f.item and d.offer = f.offer
where (select count(*) from names) = 0 or $by = 'month' or f.item in (select name from names)
order by f.currency asc nulls last, f.offer, f.month, effective_cost desc nulls last, f.item
