-- delivered_usage: one row per month with delivered usage, with a digest of the slices, days and subscriptions in it. Slices never change.
select
  cast(date_trunc('month', usage_date) as date) as month_start,
  cast(sum(cast(hash(slice_id, subscription_key, usage_date) as hugeint)) as varchar) as digest
from (select distinct slice_id, subscription_key, usage_date from usage_days)
group by all
