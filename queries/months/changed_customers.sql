-- how many rows differ in what holds for every month: who opted out, and whose customer a subscription is.
select count(*)
from (
  select 1 from (from excluded_subscriptions except from excluded_subscriptions_before)
  union all select 1 from (from excluded_subscriptions_before except from excluded_subscriptions)
  union all select 1 from (from excluded_tenures except from excluded_tenures_before)
  union all select 1 from (from excluded_tenures_before except from excluded_tenures)
  union all select 1 from (from exclusions except from exclusions_before)
  union all select 1 from (from exclusions_before except from exclusions)
  union all select 1 from (from customers except from customers_before)
  union all select 1 from (from customers_before except from customers)
)
