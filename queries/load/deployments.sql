-- merges staged deployment records into deployments: one row per deployment id and correlation id, the latest timestamp wins
-- (SPEC 3.3); between equals the first place it was read from, so that the order of delivery does not matter.
merge into ledger.deployments as t
using (
  select * exclude (choice)
  from (
    select s.*, row_number() over (
      partition by s.dep_id, s.correlation_id, s.name
      order by s.end_ts desc nulls last, s.src_file asc, s.src_ordinal asc
    ) as choice
    from staged s
    where s.src_file not in (select f.path from failed_files f)
  )
  where choice = 1
) as i
on t.dep_id is not distinct from i.dep_id and t.correlation_id is not distinct from i.correlation_id and t.name is not distinct from i.name
when matched and (
  coalesce(i.end_ts, timestamp '0001-01-01') > coalesce(t.end_ts, timestamp '0001-01-01')
  or (i.end_ts is not distinct from t.end_ts and (i.src_file < t.src_file or (i.src_file = t.src_file and i.src_ordinal < t.src_ordinal)))
) then update by name
when not matched then insert by name
