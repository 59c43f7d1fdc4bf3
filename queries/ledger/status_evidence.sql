-- one row per kind of evidence: how many records and subscriptions, and the time of the newest record.
select kind, records, subscriptions, newest
from (
  select 1 as place, 'deployments' as kind, count(*) as records, count(distinct subscription_id) as subscriptions, max(coalesce(end_ts, start_ts)) as newest
  from deployments
  union all
  select 2, 'operations', count(*), count(distinct nullif(regexp_extract(dep_id, '^/subscriptions/([^/]+)', 1), '')), max(ts) from operations
  union all
  select 3, 'activity', count(*), count(distinct subscription_id), max(event_ts) from activity
  union all
  select 4, 'changes', count(*), count(distinct subscription_id), max(ts) from changes
  union all
  select 5, 'requests', count(*), count(distinct nullif(regexp_extract(resource_id, '^/subscriptions/([^/]+)', 1), '')), max(ts) from requests
)
order by place
