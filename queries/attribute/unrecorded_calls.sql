-- unrecorded_calls: one row per logged changing call that the activity log has no record of.
-- Why: if the activity log tells how a call ended, it decides; only without it does the call's own response count (SPEC 5.A). A record of another
-- operation on the resource, such as tagging it, is not a record of the call.
select q.dedupe_key, q.correlation_id, q.ts, q.method, q.resource_id, q.status, q.src_file, q.src_ordinal
from logged_calls q
anti join (
  select a.correlation_id, a.resource_id
  from activity a
  anti join idle_operations i on i.operation = a.operation
) c
  on c.correlation_id = q.correlation_id and c.resource_id = q.resource_id
where q.resource_id is not null
