-- staged deployment operations with their key: an operation in one state at one time. Which run of the deployment it belongs to is
-- decided from all records that are known then (SPEC 3.3). start_ts is its end less its duration.
select
  s.*,
  s.ts - to_milliseconds(coalesce(s.duration_ms, 0)) as start_ts,
  concat_ws(' ', coalesce(s.dep_id, '-'), coalesce(s.operation_id, '-'), coalesce(epoch_us(s.ts), 0), coalesce(s.state, '-'), coalesce(s.prov_op, '-'), coalesce(s.target_id, '-')) as dedupe_key
from staged_files s
where s.src_file not in (select f.path from failed_files f)
