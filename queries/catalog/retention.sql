-- title: Retention of customers
-- purpose: Of the customers who came to an offer in a month, how many still use it so many months later.
with months as (
  select distinct offer, customer, cast(month || '-01' as date) as month
  from customer_months
  where customer is not null
), firsts as (
  select offer, customer, min(month) as first_month
  from months
  group by offer, customer
), counted as (
  select f.offer, strftime(f.first_month, '%Y-%m') as first_month, datediff('month', f.first_month, m.month) as months_later, count(*) as customers
  from firsts f
  join months m on m.offer = f.offer and m.customer = f.customer
  group by f.offer, f.first_month, m.month
)
select
  offer, first_month, months_later, customers,
  cast(try_divide(
    cast(customers as decimal(38,18)),
    cast(max(customers) filter (months_later = 0) over (partition by offer, first_month) as decimal(18,0))) as decimal(38,6)) as share
from counted
order by offer, first_month, months_later
