-- moves: one row per resource that a successful move took elsewhere, with its id before and after and the record that says so.
-- Why: a lifetime goes on under the new id, so its first write stands under the old one.
select m.old_id, m.new_id, m.ts, m.src_file, m.src_ordinal, m.ts as on_day
from moves m
