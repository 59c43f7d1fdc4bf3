-- malformed_ids: one row per malformed token and form of it that is compared with registered ids.
-- Why: 1 the id without `pid-` and separators at its end; 2 its first five groups, where more follow that may be a suffix; 3 the digits of a
-- GUID that was written without hyphens.
select distinct f.token, f.tracking_id, f.form
from (
  select s.token, regexp_extract(case when s.token like 'pid-%' then substring(s.token, 5) else s.token end, '^(.*[^._-])?', 0) as tracking_id, 1 as form
  from sightings s
  where s.reason is not null
  union all
  select s.token, regexp_extract(substring(s.token, 5), '^[^_-]+[_-][^_-]+[_-][^_-]+[_-][^_-]+[_-][^_-]+', 0) as tracking_id, 2 as form
  from sightings s
  where s.reason is not null and s.token like 'pid-%'
  union all
  select s.token, regexp_extract(substring(s.token, 5), '^([0-9a-f]{9,})([_-].*)?[._-]*$', 1) as tracking_id, 3 as form
  from sightings s
  where s.reason is not null and s.token like 'pid-%'
) f
where f.tracking_id <> ''
