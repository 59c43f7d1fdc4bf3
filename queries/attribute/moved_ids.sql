-- moved_ids: one row per resource without any write that a move may have brought here.
-- Why: where a move names no target, or its resource was unknown, the new id's rows get the reason moved (SPEC 5.I): the same
-- provider path was written in a group that resources were moved out of, on or before the new id's first day of usage.
select distinct u.resource_id
from usage_resources u
join (
  select m.new_id as resource_id, cast(m.ts as date) as moved_on
  from moves m
  union all
  select n.resource_id, cast(a.event_ts as date) as moved_on
  from activity a
  join writes w on startswith(w.resource_id, a.resource_id || '/')
  join usage_resources n
    on '/providers/' || split_part(n.resource_id, '/providers/', 2) = substring(w.resource_id, length(a.resource_id) + 1)
    and n.resource_id <> w.resource_id
  where a.operation like '%/moveresources/action' and a.status = 'succeeded' and a.move_target is null
) b
  on b.resource_id = u.resource_id and u.first_usage_date >= b.moved_on
anti join writes w on w.resource_id = u.resource_id
