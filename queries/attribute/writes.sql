-- writes: one row per resource and request that wrote it, moved resources under their new id too.
-- Why: a move whose target is known continues the lifetime under the new id (SPEC 5.A): what was written to the old id, or to a
-- child of it, in the lifetime that the move found, counts as written to the new one.
select
  u.resource_id,
  u.correlation_id,
  min(u.ts) as ts,
  min(case when u.is_update then 1 else 0 end) > 0 as is_update
from (
  select w.resource_id, w.correlation_id, w.ts, w.is_update
  from direct_writes w
  union all
  select m.new_id || substring(w.resource_id, length(m.old_id) + 1) as resource_id, w.correlation_id, w.ts, w.is_update
  from move_chains m
  join direct_writes w
    on split_part(w.resource_id, '/', 3) = split_part(m.old_id, '/', 3)
    and startswith(w.resource_id || '/', m.old_id || '/')
    and w.ts <= m.ts
  left join (
    select distinct b.old_id, b.ts, d.resource_id, d.ts as deleted_at
    from moves b
    join delete_evidence d
      on split_part(d.resource_id, '/', 3) = split_part(b.old_id, '/', 3)
      and d.ts < b.ts
      and (startswith(d.resource_id || '/', b.old_id || '/') or startswith(b.old_id || '/', d.resource_id || '/'))
  ) x
    on x.old_id = m.old_id and x.ts = m.ts and x.deleted_at > w.ts and startswith(w.resource_id || '/', x.resource_id || '/')
  where x.old_id is null
) u
group by u.resource_id, u.correlation_id
