-- moves: one row per resource and time at which a successful move took it to another resource group, with its id before and after.
-- Why: a move changes the id but not the resource; its lifetime goes on (SPEC 5.A). Only moves whose record holds the request body name their
-- resources and their target. A resource leaves its group once at one time, however many records say so.
select o.old_id, o.new_id, o.ts, o.src_file, o.src_ordinal
from (
  select
    n.*,
    row_number() over (
      partition by n.old_id, n.ts
      order by n.new_id asc nulls last, n.src_file asc nulls last, n.src_ordinal asc nulls last
    ) as choice
  from (
    select
      m.old_id,
      m.target_group || substring(m.old_id, length(regexp_extract(m.old_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)) + 1) as new_id,
      m.ts,
      m.src_file,
      m.src_ordinal
    from (
      select explode(a.move_resources) as old_id, a.move_target as target_group, a.event_ts as ts, a.src_file, a.src_ordinal
      from activity a
      where a.operation like '%/moveresources/action' and a.status = 'succeeded' and a.move_target is not null
    ) m
    where m.old_id is not null
  ) n
) o
where o.choice = 1
