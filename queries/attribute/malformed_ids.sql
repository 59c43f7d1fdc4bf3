-- malformed_ids: one row per malformed token and form of it that is compared with registered ids.
-- Why: the id without `pid-` and separators at its end; where more than five groups follow, what follows the fifth may be a suffix,
-- so the first five groups are a second form.
select distinct f.token, f.tracking_id, f.form
from (
  select s.token, regexp_extract(case when s.token like 'pid-%' then substring(s.token, 5) else s.token end, '^(.*[^._-])?', 0) as tracking_id, 1 as form
  from sightings s
  where s.reason is not null
  union all
  select s.token, regexp_extract(substring(s.token, 5), '^[^_-]+[_-][^_-]+[_-][^_-]+[_-][^_-]+[_-][^_-]+', 0) as tracking_id, 2 as form
  from sightings s
  where s.reason is not null and s.token like 'pid-%'
) f
where f.tracking_id <> ''
