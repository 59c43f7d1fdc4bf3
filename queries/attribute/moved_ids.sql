-- moved_ids: one row per resource that has no write and may have come by a move.
-- Why: where a move names no target, or its resource was unknown, the new id's rows get the reason moved (SPEC 5.I): the same provider path was
-- written in a group that resources were moved out of, on or before the new id's first day of usage. The first of such moves tells as much as all
-- of them do.
select distinct u.resource_id
from usage_resources u
join (
  select m.new_id as resource_id, cast(min(m.ts) as date) as moved_on
  from moves m
  group by m.new_id
  union all
  select n.resource_id, t.moved_on
  from (
    select substring(p.resource_id, length(g.group_id) + 1) as provider_path, min(g.moved_on) as moved_on
    from (
      select a.resource_id as group_id, cast(min(a.event_ts) as date) as moved_on
      from activity a
      where a.operation like '%/moveresources/action' and a.status = 'succeeded' and a.move_target is null
      group by a.resource_id
    ) g
    join ancestors p on p.ancestor_id = g.group_id
    semi join writes o on o.resource_id = p.resource_id
    group by substring(p.resource_id, length(g.group_id) + 1)
  ) t
  join usage_resources n on '/providers/' || split_part(n.resource_id, '/providers/', 2) = t.provider_path
) b
  on b.resource_id = u.resource_id and u.first_usage_date >= b.moved_on
anti join writes w on w.resource_id = u.resource_id
