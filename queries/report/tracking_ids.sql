-- tracking_ids: one row per registered tracking id, also without any sighting (SPEC 6).
-- Why: the partner sees at a glance which ids live, which fail, and which were never deployed.
select
  r.tracking_id,
  r.mpn_id,
  r.offer,
  r.sku,
  r.channel,
  cast(q.first_ts as date) as first_seen,
  cast(q.last_ts as date) as last_seen,
  coalesce(q.deployments_succeeded, cast(0 as bigint)) as deployments_succeeded,
  coalesce(q.deployments_failed, cast(0 as bigint)) as deployments_failed,
  coalesce(q.requests, cast(0 as bigint)) as requests,
  coalesce(u.resources, cast(0 as bigint)) as resources,
  coalesce(u.usage_rows, cast(0 as bigint)) as usage_rows,
  u.last_usage_date
from registrations r
left join (
  select
    i.tracking_id,
    min(i.start_ts) as first_ts,
    max(i.start_ts) as last_ts,
    cast(sum(case when i.is_failed = 0 then 1 else 0 end) as bigint) as deployments_succeeded,
    cast(sum(case when i.is_failed = 1 then 1 else 0 end) as bigint) as deployments_failed,
    cast(count(*) as bigint) as requests
  from id_requests i
  group by i.tracking_id
) q on q.tracking_id = r.tracking_id
left join (
  select
    c.tracking_id,
    cast(count(distinct c.resource_id) as bigint) as resources,
    cast(sum(c.usage_rows) as bigint) as usage_rows,
    max(c.last_usage_date) as last_usage_date
  from id_resources c
  group by c.tracking_id
) u on u.tracking_id = r.tracking_id
