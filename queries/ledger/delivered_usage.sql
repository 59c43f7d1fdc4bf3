-- delivered_usage: one row per month with delivered usage, and a digest of which slice holds which days of which subscription. Slices never change.
select
  cast(date_trunc('month', usage_date) as date) as month_start,
  cast(sum(cast(hash(slice_id, subscription_key, usage_date) as hugeint)) as varchar) as digest
from (select distinct slice_id, subscription_key, usage_date from usage_days)
group by all
