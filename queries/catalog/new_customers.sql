-- title: New customers
-- purpose: Customers whose first attributed usage of an offer lies in a month, with the channel that brought them.
-- param month = '': YYYY-MM; empty: the latest month
with firsts as (
  select
    offer, customer, max(customer_name) as customer_name, min(first_usage_date) as first_usage_date,
    arg_min(channel, (first_usage_date, channel)) as channel
  from customer_months
  where customer is not null
  group by offer, customer
)
select offer, channel, customer, customer_name, first_usage_date
from firsts
where strftime(first_usage_date, '%Y-%m') = coalesce(nullif($month, ''), (select max(month) from customers))
order by offer, channel nulls first, first_usage_date, customer
