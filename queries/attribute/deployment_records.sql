-- deployment_records: one row per deployment id and correlation id that is known to have run, with its time window.
-- Why: names are reused and old records are overwritten or purged, so a run may be known only from the activity log or from a
-- logged PUT; operations carry no correlation id and find theirs through these windows (SPEC 5.B).
select
  r.dep_id,
  r.correlation_id,
  min(r.start_ts) as start_ts,
  max(r.end_ts) as end_ts,
  max(r.is_failed) as is_failed,
  max(r.has_record) as has_record
from (
  select d.dep_id, d.correlation_id, d.start_ts, d.end_ts, case when lower(d.state) = 'failed' then 1 else 0 end as is_failed, 1 as has_record
  from deployments d
  union all
  select a.resource_id as dep_id, a.correlation_id, a.event_ts as start_ts, a.event_ts as end_ts, case when a.status = 'failed' then 1 else 0 end as is_failed, 0 as has_record
  from activity a
  where a.operation = 'microsoft.resources/deployments/write'
  union all
  select q.resource_id as dep_id, q.correlation_id, q.ts as start_ts, q.ts as end_ts, case when q.status >= 400 then 1 else 0 end as is_failed, 0 as has_record
  from requests q
  where q.method = 'PUT' and split_part(q.resource_id, '/', -2) = 'deployments'
) r
where r.dep_id is not null and r.correlation_id is not null
group by r.dep_id, r.correlation_id
