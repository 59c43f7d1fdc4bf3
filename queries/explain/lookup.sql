-- lookup: one row per thing that the text of a person may mean: its kind, its id, and a word about it.
-- Why: a GUID may be a tracking id, a request or a subscription; a name may be a resource's, a group's or a deployment's. $id is the text
-- in lower case, $path the same as a resource id (or empty), $tracking what may be a tracking id in it (or empty).
with
writes_and_usage as (
  select resource_id from resources
  union
  select resource_id from writes
),
named as (
  select resource_id, split_part(resource_id, '/', -1) as name,
    regexp_extract(resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) as group_id
  from writes_and_usage
)
select distinct kind, id, label
from (
  select 'tracking_id' as kind, tracking_id as id, 'registered: ' || coalesce(offer, '') || ', ' || coalesce(channel, '') as label
  from registrations
  where tracking_id = $tracking
  union all
  select 'tracking_id', s.tracking_id, 'not registered'
  from sightings s
  left join registrations r on r.tracking_id = s.tracking_id
  where s.tracking_id = $tracking and r.tracking_id is null
  union all
  select 'token', token, reason
  from malformed
  where token in ($id, 'pid-' || $id)
  union all
  select 'request', correlation_id, 'correlation id'
  from (select correlation_id from deployments union select correlation_id from sightings union select correlation_id from writes)
  where correlation_id = $id
  union all
  select 'subscription', '/subscriptions/' || subscription_id, 'subscription'
  from (select subscription_id from evidence_reach union select subscription_id from resources union select subscription_id from resource_costs)
  where subscription_id = $id or '/subscriptions/' || subscription_id = $path
  union all
  select 'customer', customer_tenant_id, coalesce(max(customer_name), '')
  from customers
  where customer_tenant_id is not null
  group by customer_tenant_id
  having customer_tenant_id = $id or bool_or(lower(customer_name) = $id)
  union all
  select 'resource_group', group_id, 'resource group'
  from named
  where group_id <> '' and (group_id = $path or split_part(group_id, '/', 5) = $id)
  union all
  select 'resource', resource_id, 'resource'
  from named
  where (resource_id = $path or name = $id) and resource_id <> group_id
  union all
  select 'deployment', dep_id, 'deployment'
  from (
    select dep_id from deployments
    union
    select scope_id from sightings where source = 'deployment_name'
  )
  where dep_id = $path or split_part(dep_id, '/', -1) = $id
)
order by kind, id
