-- extensions: one row per extension (diagnostic setting, role assignment, tags) that $requests (one a line) created.
-- Why: the guide's script prints every target of an operation, these too; they are not resources of their own.
select resource_id, correlation_id, ts, evidence, src_file as file, src_ordinal as record
from no_writes
where why = 'type' and evidence = 'operation' and correlation_id in (select unnest(string_split($requests, chr(10))))
order by resource_id, correlation_id
