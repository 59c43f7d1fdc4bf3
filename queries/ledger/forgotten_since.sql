-- how many things were forgotten since the last run that read the sources to their end began. Why to their end: a run that was stopped may not have
-- found what replaces the forgotten. The last run is the one entered last; if its clock was ahead of now, the order is unknown, and everything
-- forgotten counts.
select count(*)
from forgotten f
left join (
  select started_at
  from runs
  where command in ('run', 'ingest') and result in ('done', 'partial', 'check_failed')
  order by rowid desc
  limit 1
) r on true
where r.started_at is null or f.forgotten_at >= r.started_at or r.started_at > ?::timestamp
