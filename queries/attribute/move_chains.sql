-- move_chains: one row per moved resource, with the time of its first move, and each id that it went on under: after one move, two, three.
-- Why: a lifetime continues through all moves of its resource (SPEC 5.A). Only three moves are followed, because each is a join here.
select m.old_id, m.new_id, m.ts
from moves m
union
select n.old_id, n.new_id, n.ts
from next_moves n
union
select n.old_id, l.new_id, n.ts
from next_moves n
join next_moves l on l.old_id = n.mid_id and l.ts = n.next_ts
