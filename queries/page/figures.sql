-- figures: one row per currency and month, $month or $before, with attributed usage: how many customers, subscriptions, resources and ids have
-- it. A resource counts for each id.
-- Why: the figures at the head of a section. Who a customer is: reader/customer_months.sql.
select
  coalesce(c.currency, s.currency) as currency,
  coalesce(c.month, s.month) as month,
  coalesce(c.customers, 0) as customers,
  coalesce(c.subscriptions, 0) as subscriptions,
  coalesce(s.resources, 0) as resources,
  coalesce(s.ids, 0) as ids
from (
  select
    coalesce(currency, '') as currency,
    month,
    cast(count(distinct customer) as bigint) as customers,
    cast(count(distinct subscription_id) as bigint) as subscriptions
  from customer_months
  where month in ($month, $before)
  group by coalesce(currency, ''), month
) c
full join (
  select
    coalesce(currency, '') as currency,
    month,
    cast(sum(resources) as bigint) as resources,
    cast(count(*) as bigint) as ids
  from summary
  where month in ($month, $before)
  group by coalesce(currency, ''), month
) s on s.currency = c.currency and s.month = c.month
order by currency asc nulls first, month asc nulls first
