-- lines: one row per line of the report channels of $month, with its customers.
-- Why: which channel sells which offer. Customers are counted as everywhere on the page (reader/customer_months.sql), also those whose tenant
-- nobody names, whom the report leaves out. lines is the number of rows; the $rows largest of a currency are here.
select l.currency, l.offer, l.channel, l.mpn_id, l.cost, l.share, l.growth, coalesce(c.customers, 0) as customers, l.deployments, l.lines
from (
  select
    coalesce(currency, '') as currency,
    coalesce(offer, '') as offer,
    coalesce(channel, '') as channel,
    coalesce(mpn_id, '') as mpn_id,
    effective_cost as cost,
    share,
    growth,
    deployments,
    cast(count(*) over (partition by currency) as bigint) as lines,
    row_number() over (
      partition by currency order by effective_cost desc nulls last, mpn_id asc nulls first, offer asc nulls first, channel asc nulls first
    ) as place
  from channels
  where month = $month
) l
left join (
  select
    coalesce(currency, '') as currency,
    coalesce(offer, '') as offer,
    coalesce(channel, '') as channel,
    coalesce(mpn_id, '') as mpn_id,
    cast(count(distinct customer) as bigint) as customers
  from customer_months
  where month = $month
  group by coalesce(currency, ''), coalesce(offer, ''), coalesce(channel, ''), coalesce(mpn_id, '')
) c on c.currency = l.currency and c.offer = l.offer and c.channel = l.channel and c.mpn_id = l.mpn_id
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
