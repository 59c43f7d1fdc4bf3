-- idle_operations: one row per operation in the activity log or Resource Graph whose type creates and deletes no resource of its own.
-- Why: deployments, tags, role assignments and diagnostic settings are recorded with the id of the resource that they belong to, too; such a record
-- neither writes nor deletes that resource (SPEC 5.A). An extension's operation may name its parent first
-- (microsoft.compute/virtualmachines/providers/microsoft.insights/diagnosticsettings/write). There are few names, however many records.
select o.operation
from (
  select x.operation, split_part(x.operation, '/providers/', -1) as type_path
  from (
    select a.operation from activity a where a.operation is not null
    union
    select c.operation from changes c where c.operation is not null
  ) x
) o
semi join well_known k
  on k.kind = 'not_a_write'
  and split_part(k.value, '/', 1) = split_part(o.type_path, '/', 1)
  and startswith(o.type_path, k.value)
