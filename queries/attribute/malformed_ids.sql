-- malformed_ids: one row per malformed token with the part of it that is compared with registered ids.
-- Why: the id without `pid-`; of one with a suffix the first five groups, where the GUID should be.
select distinct
  s.token,
  case
    when s.reason = 'missing_prefix' then s.token
    when s.reason in ('too_short', 'too_long') then regexp_extract(substring(s.token, 5), '^[0-9a-f]+[_-][0-9a-f]+[_-][0-9a-f]+[_-][0-9a-f]+[_-][0-9a-f]+', 0)
    else regexp_extract(substring(s.token, 5), '^[^ ]*[^ _-]', 0)
  end as tracking_id
from sightings s
where s.reason is not null
