-- write_tags: one row per write and tracking id that tags it, with its standing and its rank among the ids of that write; tracking_id is NULL for
-- malformed tokens (place 1: the primary).
-- Why: several ids may stand on one request; this tells which one got the credit, and which others share it or got nothing.
select t.resource_id, t.correlation_id, t.tracking_id, t.standing, t.method, t.place
from write_tags t
left join hidden_ids h on h.id = split_part(t.resource_id, '/', 3) and coalesce(cast(t.ts as date), date '0001-01-01') <= h.until
left join hidden_ids g on g.id = regexp_extract(t.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null
