-- malformed_ids: one row per malformed token and each form of it that is compared with registered ids.
-- Why: form 1 is the id without `pid-` and trailing separators; form 2, its first five groups if more follow, which may be a suffix; form 3, the
-- digits of a GUID written without hyphens.
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
