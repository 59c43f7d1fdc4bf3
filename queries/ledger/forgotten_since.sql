-- how many things were forgotten since the last run that read the sources to their end began. Why the end: a run that was stopped may not have
-- found what counts in the place of what was forgotten.
select count(*) from forgotten
where forgotten_at >= (
  select coalesce(max(started_at), timestamp '0001-01-01')
  from runs
  where command in ('run', 'ingest') and result in ('done', 'partial', 'check_failed')
)
