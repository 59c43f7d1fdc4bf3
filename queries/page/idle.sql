-- idle: one row per id without a registration in force and without usage, and kind, the most requests first.
-- Why: an id that somebody uses, and nobody registered.
-- lines is the number of rows; the first $rows are here.
select l.tracking_id, l.kind, l.first_seen, l.last_seen, l.requests, l.lines
from (
  select
    tracking_id,
    kind,
    first_seen,
    last_seen,
    requests,
    cast(count(*) over () as bigint) as lines,
    row_number() over (order by requests desc nulls last, tracking_id asc nulls first, kind asc nulls first) as place
  from unregistered
  where coalesce(currency, '') = ''
) l
where l.place <= cast($rows as bigint)
order by l.place asc nulls first
