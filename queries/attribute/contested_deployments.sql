-- contested_deployments: one row per deployment that ran more than once, or that has an operation known in more than one state, with a number.
-- Why: only for their operations do the run and the latest state have to be decided (SPEC 5.B). They are few, and deciding takes two sorts, which
-- use the number instead of the long id.
select
  c.dep_id,
  cast(row_number() over (order by c.dep_id asc nulls last) as bigint) as dep_no
from (
  select r.dep_id
  from deployment_records r
  group by r.dep_id
  having count(*) > 1
  union
  select o.dep_id
  from operations o
  where o.dep_id is not null
  group by o.dep_id, o.operation_id
  having count(*) > 1
) c
