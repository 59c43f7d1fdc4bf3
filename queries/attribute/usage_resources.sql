-- usage_resources: one row per resource with counted usage: its first day, and the first day with a positive quantity.
-- Why: usage before the first write makes a resource preexisting (SPEC 5.D), and an unattributed resource's first day shows whether any evidence
-- reaches back to its start (SPEC 5.I).
select
  m.resource_id,
  min(m.subscription_id) as subscription_id,
  regexp_extract(m.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) as resource_group_id,
  min(m.first_usage_date) as first_usage_date,
  min(m.first_positive_date) as first_positive_date
from resource_months m
group by m.resource_id
