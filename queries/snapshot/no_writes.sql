-- no_writes: one row per piece of evidence that touched a resource and is not a write or delete, with why: read, failed, or type (an extension
-- such as a diagnostic setting, which is not a resource of its own, or an operation on one that is recorded under the resource).
-- Why: it looks as if the request had made or deleted the resource, and did not; without this the chain would only be silent. Of
-- operations, failed writes and those of a type only those of requests that carried an id or a malformed token.
select n.resource_id, n.correlation_id, n.ts, n.why, n.action, n.evidence, n.src_file, n.src_ordinal, n.ts as on_day
from (
  select
    o.target_id as resource_id,
    o.correlation_id,
    o.start_ts as ts,
    case
      when lower(o.state) <> 'succeeded' then 'failed'
      when coalesce(o.prov_op, 'Create') <> 'Create' then 'read'
      else 'type'
    end as why,
    o.prov_op as action,
    'operation' as evidence,
    o.src_file,
    o.src_ordinal
  from operation_records o
  join (select distinct s.correlation_id from sightings s) t on t.correlation_id = o.correlation_id
  left join write_evidence w
    on w.resource_id = o.target_id and w.correlation_id = o.correlation_id and w.evidence = 'operation'
    and w.src_file = o.src_file and w.src_ordinal = o.src_ordinal
  where w.resource_id is null
    and o.target_type <> 'microsoft.resources/deployments'
    and coalesce(o.prov_op, 'Create') in ('Create', 'Read', 'Action')
  union all
  select a.resource_id, a.correlation_id, a.event_ts as ts, 'failed' as why, a.operation as action, 'activity' as evidence, a.src_file, a.src_ordinal
  from activity a
  left join (select distinct s.correlation_id from sightings s) t on t.correlation_id = a.correlation_id
  where a.status = 'failed'
    and (a.operation like '%/delete' or t.correlation_id is not null)
    and a.operation <> 'microsoft.resources/deployments/write'
  union all
  select a.resource_id, a.correlation_id, a.event_ts as ts, 'type' as why, a.operation as action, 'activity' as evidence, a.src_file, a.src_ordinal
  from activity a
  semi join idle_operations i on i.operation = a.operation
  semi join sightings s on s.correlation_id = a.correlation_id
  where a.operation like '%/write' and a.status = 'succeeded'
    and split_part(split_part(a.resource_id, '/providers/', -1), '/', 1) <> split_part(split_part(a.operation, '/providers/', -1), '/', 1)
) n
where n.resource_id is not null
