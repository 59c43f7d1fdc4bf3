-- excluded_groups: one row per resource group that opted out, with the first day of the opt-out.
-- Why: the same as excluded_subscriptions, for exclusions that name a resource group.
select
  e.scope_id as resource_group_id,
  min(coalesce(e.since, date '0001-01-01')) as since
from exclusions e
where e.scope_kind = 'resource_group'
group by e.scope_id
