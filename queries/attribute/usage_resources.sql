-- usage_resources: one row per resource with counted usage: its first day, and the first day with a positive quantity.
-- Why: usage before the first write makes a resource preexisting (SPEC 5.D), and an unattributed resource's first day tells
-- whether any evidence reaches back to its start (SPEC 5.I).
select
  u.resource_id,
  min(u.subscription_id) as subscription_id,
  regexp_extract(u.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) as resource_group_id,
  min(u.usage_date) as first_usage_date,
  min(case when u.quantity > 0 then u.usage_date end) as first_positive_date
from counted_usage u
where u.resource_id is not null and u.is_usage
group by u.resource_id
