-- offers: one row per currency and MPN ID, offer and plan with attributed usage in $month (cost) or $before (cost_before); NULL: none in it.
-- resources and ids are those of $month; a resource counts for each id.
-- Why: what each offer and plan brings.
-- all_cost is the sum of cost of all rows, lines their number; the $rows largest of a currency are here.
select l.currency, l.mpn_id, l.offer, l.sku, l.resources, l.ids, l.cost, l.cost_before, l.all_cost, l.lines
from (
  select
    g.*,
    coalesce(cast(sum(g.cost) over (partition by g.currency) as decimal(38,18)), cast(0 as decimal(38,18))) as all_cost,
    cast(count(*) over (partition by g.currency) as bigint) as lines,
    row_number() over (partition by g.currency order by g.cost desc nulls last, g.mpn_id asc nulls first, g.offer asc nulls first, g.sku asc nulls first) as place
  from (
    select
      coalesce(currency, '') as currency,
      coalesce(mpn_id, '') as mpn_id,
      coalesce(offer, '') as offer,
      coalesce(sku, '') as sku,
      coalesce(cast(sum(case when month = $month then resources end) as bigint), cast(0 as bigint)) as resources,
      cast(count(case when month = $month then 1 end) as bigint) as ids,
      cast(sum(case when month = $month then effective_cost end) as decimal(38,18)) as cost,
      cast(sum(case when month = $before then effective_cost end) as decimal(38,18)) as cost_before
    from summary
    where month in ($month, $before)
    group by coalesce(currency, ''), coalesce(mpn_id, ''), coalesce(offer, ''), coalesce(sku, '')
  ) g
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
