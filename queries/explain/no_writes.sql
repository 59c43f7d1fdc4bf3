-- no_writes: one row per piece of evidence that touched $resource, or an extension of it, and wrote nothing.
-- Why: it looks like a link of the chain and is not one.
select resource_id, correlation_id, ts, why, action, evidence, src_file as file, src_ordinal as record
from no_writes
where resource_id = $resource or (why = 'type' and starts_with(resource_id, $resource || '/'))
order by ts, resource_id, record
