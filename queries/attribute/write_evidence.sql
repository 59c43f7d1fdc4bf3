-- write_evidence: one row per piece of evidence that a request created or updated a resource (SPEC 5.A).
-- Why: operations Create + Succeeded (PowerShell does not tell the operation: then every succeeded one), successful activity writes, resource
-- changes, successful logged PUT/PATCH without an activity record, and the outputResources of a Succeeded deployment without any operation rows.
-- The time is the start of the operation or deployment, because usage may begin before its end. Types that are not resources of their own
-- (deployments, tags, authorization, diagnostic settings) are data in well_known; most are recognised by their namespace alone. An operation of
-- such a type is not a write either, whatever resource its record names; a resource change that says `Create` is a creation, whatever operation it
-- names.
select e.resource_id, e.correlation_id, e.ts, e.change_type, e.evidence, e.src_file, e.src_ordinal
from (
  select x.*, split_part(x.resource_id, '/providers/', -1) as type_path
  from (
    select o.target_id as resource_id, o.correlation_id, o.start_ts as ts, 'unknown' as change_type, 'operation' as evidence, o.src_file, o.src_ordinal
    from operation_records o
    where coalesce(o.prov_op, 'Create') = 'Create' and lower(o.state) = 'succeeded'
    union all
    select a.resource_id, coalesce(a.correlation_id, 'activity ' || a.dedupe_key) as correlation_id, a.event_ts as ts, 'unknown' as change_type, 'activity' as evidence, a.src_file, a.src_ordinal
    from activity a
    anti join idle_operations i on i.operation = a.operation
    where a.operation like '%/write' and a.status = 'succeeded'
    union all
    select c.resource_id, coalesce(c.correlation_id, 'change ' || c.dedupe_key) as correlation_id, c.ts, c.change_type, 'change' as evidence, c.src_file, c.src_ordinal
    from changes c
    left join idle_operations i on i.operation = c.operation
    where c.change_type = 'create' or (c.change_type = 'update' and i.operation is null)
    union all
    select q.resource_id, q.correlation_id, q.ts, 'unknown' as change_type, 'request_log' as evidence, q.src_file, q.src_ordinal
    from unrecorded_calls q
    where q.method in ('PUT', 'PATCH') and q.status >= 200 and q.status <= 299
    union all
    select d.output_id as resource_id, d.correlation_id, d.start_ts as ts, 'unknown' as change_type, 'output' as evidence, d.src_file, d.src_ordinal
    from (
      select r.correlation_id, explode(r.output_resource_ids) as output_id, coalesce(w.start_ts, r.start_ts) as start_ts, r.src_file, r.src_ordinal
      from deployments r
      left join deployment_records w on w.dep_id = r.dep_id and w.correlation_id = r.correlation_id
      left join (select distinct o.dep_id, o.correlation_id from operation_records o) k
        on k.dep_id = r.dep_id and k.correlation_id = r.correlation_id
      where lower(r.state) = 'succeeded' and k.dep_id is null
    ) d
  ) x
  where x.resource_id is not null
) e
left join (
  select split_part(k.value, '/', 1) as namespace, collect_list(k.value) as types
  from well_known k
  where k.kind = 'not_a_write'
  group by split_part(k.value, '/', 1)
) n
  on n.namespace = split_part(e.type_path, '/', 1)
where n.namespace is null
  or not (
    array_contains(n.types, n.namespace || '/')
    or array_contains(n.types, n.namespace || '/' || split_part(e.type_path, '/', 2) || '/')
  )
