-- merges staged deployment operations: one row per deployment, operation and state of it at a time; which run of the deployment it
-- belongs to is decided later from all records known then (SPEC 3.3). start_ts is its end less its duration.
merge into ledger.operations as t
using (
  select * exclude (choice)
  from (
    select s.*, s.ts - to_milliseconds(coalesce(s.duration_ms, 0)) as start_ts, row_number() over (
      partition by s.dep_id, s.operation_id, s.ts, s.state, s.prov_op, s.target_id
      order by s.src_file asc, s.src_ordinal asc
    ) as choice
    from staged s
    where s.src_file not in (select f.path from failed_files f)
  )
  where choice = 1
) as i
on t.dep_id is not distinct from i.dep_id and t.operation_id is not distinct from i.operation_id and t.ts is not distinct from i.ts
  and t.state is not distinct from i.state and t.prov_op is not distinct from i.prov_op and t.target_id is not distinct from i.target_id
when matched and (i.src_file < t.src_file or (i.src_file = t.src_file and i.src_ordinal < t.src_ordinal)) then update by name
when not matched then insert by name
