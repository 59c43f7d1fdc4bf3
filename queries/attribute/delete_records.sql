-- delete_records: one row per record of the deletion of a resource or resource group (SPEC 5.A).
-- Why: successful activity deletes, changes, Complete-mode operations and logged DELETEs without an activity record end lifetimes; a response of
-- 204 means that nothing was there, and the deletion of a lock or tag deletes nothing else. A moved resource ends under its old id.
select d.resource_id, d.ts, d.evidence, d.src_file, d.src_ordinal
from (
  select a.resource_id, a.event_ts as ts, 'activity' as evidence, a.src_file, a.src_ordinal
  from activity a
  anti join idle_operations i on i.operation = a.operation
  where a.operation like '%/delete' and a.status = 'succeeded' and coalesce(a.http_code, 200) <> 204
  union all
  select c.resource_id, c.ts, 'change' as evidence, c.src_file, c.src_ordinal
  from changes c
  where c.change_type = 'delete'
  union all
  select o.target_id as resource_id, o.ts, 'operation' as evidence, o.src_file, o.src_ordinal
  from operation_records o
  where o.prov_op = 'Delete' and lower(o.state) = 'succeeded' and coalesce(lower(o.status_code), 'ok') not in ('nocontent', '204')
  union all
  select q.resource_id, q.ts, 'request_log' as evidence, q.src_file, q.src_ordinal
  from unrecorded_calls q
  where q.method = 'DELETE' and q.status >= 200 and q.status <= 299 and q.status <> 204
  union all
  select m.old_id as resource_id, m.ts, 'move' as evidence, m.src_file, m.src_ordinal
  from moves m
) d
where d.resource_id is not null and d.ts is not null
