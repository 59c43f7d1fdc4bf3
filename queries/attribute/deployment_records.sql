-- deployment_records: one row per deployment id and correlation id that is known to have run, with its time window; `run` numbers the runs of one
-- id by their end.
-- Why: names are reused and old records are overwritten or purged, so a run may be known only from the activity log or from a logged PUT;
-- operations carry no correlation id and find theirs through these windows (SPEC 5.B). start_ts is the earliest known time of the run. It is the
-- start only where has_start is 1: then the duration of the record, a Started record of the activity log, or the call itself tells it. Records have
-- had no duration since March 2025.
select
  x.dep_id,
  x.correlation_id,
  x.start_ts,
  x.end_ts,
  x.has_start,
  x.is_failed,
  x.has_record,
  cast(row_number() over (
    partition by x.dep_id
    order by x.end_ts asc nulls first, x.start_ts asc nulls first, x.correlation_id asc nulls first
  ) as bigint) as run
from (
  select
    r.dep_id,
    r.correlation_id,
    min(r.start_ts) as start_ts,
    max(r.end_ts) as end_ts,
    max(r.has_start) as has_start,
    max(r.is_failed) as is_failed,
    max(r.has_record) as has_record
  from (
    select
      d.dep_id,
      d.correlation_id,
      d.start_ts,
      d.end_ts,
      case when d.duration_ms is not null and d.start_ts is not null then 1 else 0 end as has_start,
      case when lower(d.state) = 'failed' then 1 else 0 end as is_failed,
      1 as has_record
    from deployments d
    union all
    select
      a.resource_id as dep_id,
      a.correlation_id,
      a.event_ts as start_ts,
      a.event_ts as end_ts,
      case when a.status = 'started' then 1 else 0 end as has_start,
      case when a.status = 'failed' then 1 else 0 end as is_failed,
      0 as has_record
    from activity a
    where a.operation = 'microsoft.resources/deployments/write' and split_part(a.resource_id, '/', -2) = 'deployments'
    union all
    select
      q.resource_id as dep_id,
      q.correlation_id,
      q.ts as start_ts,
      q.ts as end_ts,
      1 as has_start,
      case when q.status >= 400 then 1 else 0 end as is_failed,
      0 as has_record
    from requests q
    where q.method = 'PUT' and split_part(q.resource_id, '/', -2) = 'deployments'
  ) r
  where r.dep_id is not null and r.correlation_id is not null
  group by r.dep_id, r.correlation_id
) x
