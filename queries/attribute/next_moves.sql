-- next_moves: one row per move whose resource was moved on: to `new_id`, by the move of `mid_id` at next_ts.
-- Why: a resource may move again and again; what was deleted in between is another resource under the same id.
select a.old_id, a.ts, b.old_id as mid_id, b.ts as next_ts, b.new_id
from moves a
join moves b on b.old_id = a.new_id and b.ts > a.ts
left join (
  select distinct m.old_id, m.ts, n.ts as next_ts
  from moves m
  join moves n on n.old_id = m.new_id and n.ts > m.ts
  join delete_evidence d on startswith(n.old_id || '/', d.resource_id || '/') and d.ts > m.ts and d.ts < n.ts
) x
  on x.old_id = a.old_id and x.ts = a.ts and x.next_ts = b.ts
where x.old_id is null
