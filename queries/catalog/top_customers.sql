-- title: Top customers per channel
-- purpose: The customers with the most effective cost in each channel of a month, by currency.
-- param month = '': YYYY-MM; empty: the latest month
-- param top = '5': how many customers per channel and currency
select channel, currency, place, customer, customer_name, effective_cost, subscriptions
from (
  select
    channel, currency, customer, max(customer_name) as customer_name,
    cast(sum(effective_cost) as decimal(38,18)) as effective_cost, count(distinct subscription_id) as subscriptions,
    row_number() over (partition by channel, currency order by sum(effective_cost) desc nulls last, customer) as place
  from customer_months
  where month = coalesce(nullif($month, ''), (select max(month) from customers)) and customer is not null
  group by channel, currency, customer
)
where place <= cast($top as bigint)
order by channel nulls first, currency, place
