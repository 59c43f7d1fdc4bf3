-- id_requests: one row per tracking id and request that carried it, with the standing of the id and how the request's deployments ended.
-- Why: tracking_ids and unregistered count requests and first and last sightings by id (SPEC 6). A request is a deployment when
-- any deployment record, activity record or logged PUT of one shares its correlation id; it failed when any of them did.
select
  t.tracking_id,
  t.correlation_id,
  t.standing,
  t.start_ts,
  d.is_failed
from (
  select distinct g.tracking_id, g.correlation_id, g.standing, g.start_ts
  from tag_standings g
  where g.tracking_id is not null
) t
left join (
  select r.correlation_id, max(r.is_failed) as is_failed
  from deployment_records r
  group by r.correlation_id
) d on d.correlation_id = t.correlation_id
