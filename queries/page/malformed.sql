-- malformed: one row per malformed token and reason, those first of which it is known what was meant, then the most sightings.
-- Why: a wrong id in a template, which costs attribution in every deployment.
-- lines is the number of rows; the first $rows are here.
select l.token, l.reason, l.suggestion, l.source, l.last_seen, l.sightings, l.lines
from (
  select
    token,
    reason,
    coalesce(suggestion, '') as suggestion,
    coalesce(source, '') as source,
    last_seen,
    sightings,
    cast(count(*) over () as bigint) as lines,
    row_number() over (order by case when suggestion <> '' then 0 else 1 end asc nulls last, sightings desc nulls last, token asc nulls first, reason asc nulls first) as place
  from malformed
) l
where l.place <= cast($rows as bigint)
order by l.place asc nulls first
