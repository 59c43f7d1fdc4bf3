-- malformed: one row per malformed token and reason, with the registered id that was probably meant (SPEC 4, 6).
-- Why: each is lost attribution that a corrected template brings back. Suggested is the only registered id that starts with the
-- token, else the first one that is one edit away.
select
  m.token,
  m.reason,
  coalesce(p.suggestion, e.suggestion) as suggestion,
  m.source,
  m.first_seen,
  m.last_seen,
  m.sightings
from (
  select
    s.token,
    s.reason,
    min(s.source) as source,
    cast(min(b.start_ts) as date) as first_seen,
    cast(max(b.start_ts) as date) as last_seen,
    cast(count(distinct s.correlation_id) as bigint) as sightings
  from sightings s
  join request_starts b on b.correlation_id = s.correlation_id
  where s.reason is not null
  group by s.token, s.reason
) m
left join (
  select t.token, min(r.tracking_id) as suggestion
  from malformed_ids t
  join registrations r on startswith(r.tracking_id, t.tracking_id)
  where length(t.tracking_id) >= 8
  group by t.token
  having count(*) = 1
) p on p.token = m.token
left join (
  select t.token, min(r.tracking_id) as suggestion
  from malformed_ids t
  join registrations r
    on length(r.tracking_id) - length(t.tracking_id) >= -1 and length(r.tracking_id) - length(t.tracking_id) <= 1
    and levenshtein(r.tracking_id, t.tracking_id) <= 1
  group by t.token
) e on e.token = m.token
