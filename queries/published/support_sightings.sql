-- support_sightings: one row per tracking id, place where it was seen, what followed it there, and kind of evidence.
-- Why: an id that Azure cannot count often stands in the wrong form or place.
select
  s.tracking_id, s.source, s.suffix_kind, s.evidence, cast(count(*) as bigint) as sightings, cast(count(distinct s.correlation_id) as bigint) as requests,
  min(s.ts) as first_at, max(s.ts) as last_at
from sightings s
where s.tracking_id is not null and s.reason is null
group by s.tracking_id, s.source, s.suffix_kind, s.evidence
order by s.tracking_id, s.source, s.suffix_kind nulls first, s.evidence
