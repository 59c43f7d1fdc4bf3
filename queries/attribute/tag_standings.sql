-- tag_standings: one row per request tag with the standing of its id on the day the request began.
-- Why: registration counts from registered_at to retired_at, both included, unless attribution is retroactive (SPEC 5.H); the
-- standing orders several ids on one request (SPEC 5.E): in_force, late, retired, unregistered, system, malformed.
select
  t.correlation_id,
  t.target_id,
  t.tracking_id,
  t.kind_rank,
  t.source_rank,
  t.first_ts,
  b.start_ts,
  case
    when t.tracking_id is null then 'malformed'
    when r.tracking_id is null and k.value is not null then 'system'
    when r.tracking_id is null then 'unregistered'
    when r.retired_at is not null and cast(b.start_ts as date) > r.retired_at then 'retired'
    when r.registered_at is not null and cast(b.start_ts as date) < r.registered_at and not p.retroactive then 'late'
    else 'in_force'
  end as standing
from request_tags t
cross join params p
join request_starts b on b.correlation_id = t.correlation_id
left join registrations r on r.tracking_id = t.tracking_id
left join well_known k on k.kind = 'system_id' and k.value = t.tracking_id
