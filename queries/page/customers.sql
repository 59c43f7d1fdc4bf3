-- customers: one row per currency and customer with attributed usage in $month (cost) or $before (cost_before); NULL: none in it.
-- subscriptions are those of $month.
-- Why: whom the offers reach. Who a customer is: reader/customer_months.sql.
-- all_cost is the sum of cost of all rows, lines their number; the $rows largest of a currency are here.
select l.currency, l.customer, l.name, l.subscriptions, l.cost, l.cost_before, l.all_cost, l.lines
from (
  select
    g.*,
    coalesce(cast(sum(g.cost) over (partition by g.currency) as decimal(38,18)), cast(0 as decimal(38,18))) as all_cost,
    cast(count(*) over (partition by g.currency) as bigint) as lines,
    row_number() over (partition by g.currency order by coalesce(g.cost, 0) desc nulls last, g.customer asc nulls first) as place
  from (
    select
      coalesce(currency, '') as currency,
      coalesce(customer, '') as customer,
      coalesce(max(customer_name), '') as name,
      cast(count(distinct case when month = $month then subscription_id end) as bigint) as subscriptions,
      cast(sum(case when month = $month then effective_cost end) as decimal(38,18)) as cost,
      cast(sum(case when month = $before then effective_cost end) as decimal(38,18)) as cost_before
    from customer_months
    where month in ($month, $before)
    group by coalesce(currency, ''), coalesce(customer, '')
  ) g
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
