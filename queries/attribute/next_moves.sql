-- next_moves: one row per move whose resource was moved again: to `new_id`, by the move of `mid_id` at next_ts.
-- Why: a resource may move repeatedly; if it was deleted in between, the id belongs to another resource. A move ends the old id, so it counts as
-- the next delete of what it took.
select a.old_id, a.ts, b.old_id as mid_id, b.ts as next_ts, b.new_id
from moves a
join next_deletes d on d.resource_id = a.new_id and d.ts = a.ts
join moves b on b.old_id = a.new_id and b.ts = d.until_ts
