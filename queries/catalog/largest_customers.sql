-- title: Largest customers
-- purpose: The customers with the most effective cost of a month over all channels and offers, by currency.
-- param month = '': YYYY-MM; empty: the latest month
-- param top = '10': how many customers per currency
select currency, place, customer, customer_name, effective_cost, share, channels, subscriptions, since
from (
  select
    currency, customer, max(customer_name) as customer_name,
    cast(sum(effective_cost) as decimal(38,18)) as effective_cost,
    cast(try_divide(cast(sum(effective_cost) as decimal(38,18)), cast(sum(sum(effective_cost)) over (partition by currency) as decimal(38,18))) as decimal(38,6)) as share,
    string_agg(distinct coalesce(channel, '-'), ', ' order by coalesce(channel, '-')) as channels,
    count(distinct subscription_id) as subscriptions,
    min(first_month) as since,
    row_number() over (partition by currency order by sum(effective_cost) desc nulls last, customer) as place
  from (select *, min(month) over (partition by customer) as first_month from customer_months where customer is not null)
  where month = coalesce(nullif($month, ''), (select max(month) from customers))
  group by currency, customer
)
where place <= cast($top as bigint)
order by currency, place
