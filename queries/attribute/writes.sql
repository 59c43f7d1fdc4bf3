-- writes: one row per resource and request that wrote it, moved resources under their new id too.
-- Why: a move whose target is known continues the lifetime under the new id (SPEC 5.A): what was written to the old id, or to a child of it, in the
-- lifetime that the move found, counts as written to the new one. These are the writes at the time of the move, and those not deleted before it:
-- the move is their next delete. The union comes first: one call may move hundreds of resources, which must not be paired by time alone.
select
  u.resource_id,
  u.correlation_id,
  min(u.ts) as ts,
  min(case when u.is_update then 1 else 0 end) > 0 as is_update
from (
  select w.resource_id, w.correlation_id, w.ts, w.is_update
  from direct_writes w
  union all
  select m.new_id || substring(p.resource_id, length(m.old_id) + 1) as resource_id, p.correlation_id, p.ts, p.is_update
  from (
    select w.resource_id, w.correlation_id, w.ts, w.is_update, i.part_id, w.ts as moved_at
    from direct_writes w
    join moving_ids i on i.resource_id = w.resource_id
    union
    select w.resource_id, w.correlation_id, w.ts, w.is_update, i.part_id, d.until_ts as moved_at
    from direct_writes w
    join next_deletes d on d.resource_id = w.resource_id and d.ts = w.ts
    join moving_ids i on i.resource_id = w.resource_id
  ) p
  join move_chains m on m.old_id = p.part_id and m.ts = p.moved_at
) u
group by u.resource_id, u.correlation_id
