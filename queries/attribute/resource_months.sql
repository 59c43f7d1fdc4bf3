-- resource_months: one row per month and resource with counted usage: its first day there, and the first day with a positive quantity.
-- Why: usage_resources takes the first days of all months from these; a month whose usage has not changed is not read again.
select
  cast(date_trunc('MONTH', u.usage_date) as date) as month_start,
  u.resource_id,
  min(u.subscription_id) as subscription_id,
  min(u.usage_date) as first_usage_date,
  min(case when u.quantity > 0 then u.usage_date end) as first_positive_date
from counted_usage u
where u.resource_id is not null and u.is_usage
group by cast(date_trunc('MONTH', u.usage_date) as date), u.resource_id
