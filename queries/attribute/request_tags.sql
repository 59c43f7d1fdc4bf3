-- request_tags: one row per request, tracking id and reach of the tag: the whole request (target_id NULL) or one target of it.
-- Why: a deployment name tags everything under its correlation id; so does a User-Agent, unless the request is shared: then it tags only the
-- resource that its call named, or all that a logged deployment created (SPEC 5.B). Malformed tokens are kept with a NULL id.
select
  t.correlation_id,
  t.target_id,
  t.tracking_id,
  min(case when t.suffix_kind = 'partnercenter' then 0 else 1 end) as kind_rank,
  min(case when t.source = 'deployment_name' then 0 else 1 end) as source_rank,
  min(t.ts) as first_ts
from (
  select s.correlation_id, cast(null as string) as target_id, s.tracking_id, s.suffix_kind, s.source, s.ts
  from sightings s
  left join shared_requests h on h.correlation_id = s.correlation_id
  where s.source = 'deployment_name' or h.correlation_id is null
  union all
  select s.correlation_id, s.target_id, s.tracking_id, s.suffix_kind, s.source, s.ts
  from sightings s
  join shared_requests h on h.correlation_id = s.correlation_id
  where s.source = 'user_agent'
  union all
  select s.correlation_id, o.target_id, s.tracking_id, s.suffix_kind, s.source, s.ts
  from sightings s
  join deployment_trees r on r.root_id = s.target_id and r.correlation_id = s.correlation_id
  join operation_records o on o.dep_id = r.dep_id and o.correlation_id = r.correlation_id
  where s.source = 'user_agent' and o.target_id is not null
  union all
  select s.correlation_id, d.output_id as target_id, s.tracking_id, s.suffix_kind, s.source, s.ts
  from sightings s
  join deployment_trees r on r.root_id = s.target_id and r.correlation_id = s.correlation_id
  join (
    select x.dep_id, x.correlation_id, explode(x.output_resource_ids) as output_id
    from deployments x
  ) d on d.dep_id = r.dep_id and d.correlation_id = r.correlation_id
  where s.source = 'user_agent'
) t
group by t.correlation_id, t.target_id, t.tracking_id
