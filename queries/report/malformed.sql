-- malformed: one row per malformed token and reason, with the registered id that was probably meant (SPEC 4, 6).
-- Why: each is lost attribution that a corrected template brings back. Suggested is the only registered id that starts with the
-- token, else the first one that is one edit away.
select
  m.token,
  m.reason,
  coalesce(a.starting, a.nearest, b.starting, b.nearest, c.starting, c.nearest) as suggestion,
  m.source,
  m.first_seen,
  m.last_seen,
  m.sightings
from (
  select
    s.token,
    s.reason,
    min(s.source) as source,
    cast(min(r.start_ts) as date) as first_seen,
    cast(max(r.start_ts) as date) as last_seen,
    cast(count(distinct s.correlation_id) as bigint) as sightings
  from sightings s
  join request_starts r on r.correlation_id = s.correlation_id
  where s.reason is not null
  group by s.token, s.reason
) m
left join suggestions a on a.token = m.token and a.form = 1
left join suggestions b on b.token = m.token and b.form = 2
left join suggestions c on c.token = m.token and c.form = 3
