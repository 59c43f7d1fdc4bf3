-- request_starts: one row per request (correlation id) with the time it began: its earliest record of any kind.
-- Why: `first_seen` and `last_seen` are dates of request starts (SPEC 6), and a registration is judged on the day its request
-- began (SPEC 5.H).
select r.correlation_id, min(r.ts) as start_ts
from (
  select d.correlation_id, d.start_ts as ts from deployment_records d
  union all
  select o.correlation_id, o.start_ts as ts from operation_records o
  union all
  select coalesce(a.correlation_id, 'activity ' || a.dedupe_key) as correlation_id, a.event_ts as ts from activity a
  union all
  select coalesce(c.correlation_id, 'change ' || c.dedupe_key) as correlation_id, c.ts from changes c
  union all
  select q.correlation_id, q.ts from logged_calls q
  union all
  select s.correlation_id, s.ts from sightings s
) r
where r.correlation_id is not null
group by r.correlation_id
