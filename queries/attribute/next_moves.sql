-- next_moves: one row per move whose resource was moved on: to `new_id`, by the move of `mid_id` at next_ts.
-- Why: a resource may move again and again; what was deleted in between is another resource under the same id. A move ends its old id, so that
-- it is the next delete of what it took.
select a.old_id, a.ts, b.old_id as mid_id, b.ts as next_ts, b.new_id
from moves a
join next_deletes d on d.resource_id = a.new_id and d.ts = a.ts
join moves b on b.old_id = a.new_id and b.ts = d.until_ts
