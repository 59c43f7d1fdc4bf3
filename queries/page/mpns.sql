-- mpns: one row per currency and MPN ID with attributed usage in $month (cost) or $before (cost_before); NULL: none in it.
-- Why: what each MPN ID brings.
-- all_cost is the sum of cost of all rows, lines their number; the $rows largest of a currency are here.
select l.currency, l.mpn_id, l.cost, l.cost_before, l.all_cost, l.lines
from (
  select
    g.*,
    coalesce(cast(sum(g.cost) over (partition by g.currency) as decimal(38,18)), cast(0 as decimal(38,18))) as all_cost,
    cast(count(*) over (partition by g.currency) as bigint) as lines,
    row_number() over (partition by g.currency order by g.cost desc nulls last, g.mpn_id asc nulls first) as place
  from (
    select
      coalesce(currency, '') as currency,
      coalesce(mpn_id, '') as mpn_id,
      cast(sum(case when month = $month then effective_cost end) as decimal(38,18)) as cost,
      cast(sum(case when month = $before then effective_cost end) as decimal(38,18)) as cost_before
    from summary
    where month in ($month, $before)
    group by coalesce(currency, ''), coalesce(mpn_id, '')
  ) g
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
