-- sighting_texts: one row per text that may carry a tracking id, with the request it stands in and where it was seen.
-- Why: tokens are searched in deployment names (own, nested in dependencies, operation targets, activity ids of type deployments) and in
-- User-Agents of changing calls only, never in whole records (SPEC 4). What-if and validation calls are not sightings. text_key represents the text
-- in comparisons: the text itself, or a digest if it has more than 500 characters, because a User-Agent with many tokens would otherwise be
-- repeated for each. subscription_id is that of its scope.
select
  x.*,
  case when length(x.text) > 500 then sha2(x.text, 256) else x.text end as text_key,
  case when x.scope_id like '/subscriptions/%' then split_part(x.scope_id, '/', 3) end as subscription_id
from (
  select 'deployment_name' as source, d.name as text, d.correlation_id, d.start_ts as ts, d.dep_id as scope_id, cast(null as string) as target_id, 'deployment' as evidence, d.src_file, d.src_ordinal
  from deployments d
  union all
  select 'deployment_name' as source, split_part(n.nested_id, '/', -1) as text, n.correlation_id, n.start_ts as ts, n.nested_id as scope_id, cast(null as string) as target_id, 'dependency' as evidence, n.src_file, n.src_ordinal
  from (
    select explode(d.nested_deployment_ids) as nested_id, d.correlation_id, d.start_ts, d.src_file, d.src_ordinal
    from deployments d
  ) n
  union all
  select 'deployment_name' as source, split_part(o.target_id, '/', -1) as text, o.correlation_id, o.start_ts as ts, o.target_id as scope_id, cast(null as string) as target_id, 'operation' as evidence, o.src_file, o.src_ordinal
  from operation_records o
  where o.target_type = 'microsoft.resources/deployments' and coalesce(o.prov_op, 'Create') = 'Create'
  union all
  select 'deployment_name' as source, split_part(a.resource_id, '/', -1) as text, coalesce(a.correlation_id, 'activity ' || a.dedupe_key) as correlation_id, a.event_ts as ts, a.resource_id as scope_id, cast(null as string) as target_id, 'activity' as evidence, a.src_file, a.src_ordinal
  from activity a
  where a.operation = 'microsoft.resources/deployments/write' and split_part(a.resource_id, '/', -2) = 'deployments'
  union all
  select 'user_agent' as source, q.user_agent as text, q.correlation_id, q.ts, q.resource_id as scope_id, q.resource_id as target_id, 'request_log' as evidence, q.src_file, q.src_ordinal
  from logged_calls q
  where q.user_agent is not null
) x
