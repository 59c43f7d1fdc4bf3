-- customer_trends: one row per currency, customer and month from $from on with attributed usage, of the customers that the table of customers
-- shows: the $rows with the most usage in $month.
-- Why: how a customer came to where it is. Who a customer is: reader/customer_months.sql.
select t.currency, t.customer as name, t.label, t.cost
from (
  select
    coalesce(currency, '') as currency,
    coalesce(customer, '') as customer,
    month as label,
    cast(sum(effective_cost) as decimal(38,18)) as cost
  from customer_months
  where month >= $from
  group by coalesce(currency, ''), coalesce(customer, ''), month
) t
join (
  select
    g.currency,
    g.customer,
    row_number() over (partition by g.currency order by coalesce(g.cost, 0) desc nulls last, g.customer asc nulls first) as place
  from (
    select
      coalesce(currency, '') as currency,
      coalesce(customer, '') as customer,
      cast(sum(case when month = $month then effective_cost end) as decimal(38,18)) as cost
    from customer_months
    where month in ($month, $before)
    group by coalesce(currency, ''), coalesce(customer, '')
  ) g
) l on l.currency = t.currency and l.customer = t.customer
where l.place <= cast($rows as bigint)
order by t.currency asc nulls first, t.customer asc nulls first, t.label asc nulls first
