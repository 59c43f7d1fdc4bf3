-- offer_trends: one row per currency, MPN ID, offer, plan and month from $from on, with attributed usage.
-- Why: how a line of the table of offers and plans came to where it is.
select
  coalesce(currency, '') as currency,
  coalesce(mpn_id, '') as mpn_id,
  coalesce(offer, '') as offer,
  coalesce(sku, '') as sku,
  month as label,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from summary
where month >= $from
group by coalesce(currency, ''), coalesce(mpn_id, ''), coalesce(offer, ''), coalesce(sku, ''), month
order by currency asc nulls first, mpn_id asc nulls first, offer asc nulls first, sku asc nulls first, label asc nulls first
