-- write_tags: one row per write and tracking id that tags it, with its standing and its rank among the ids of that write; tracking_id is NULL for
-- malformed tokens (place 1: the primary).
-- Why: several ids may stand on one request; this tells which one got the credit, and which others share it or got nothing.
select t.resource_id, t.correlation_id, t.tracking_id, t.standing, t.method, cast(t.place as bigint) as place, t.ts as on_day
from write_tags t
