-- moves: one row per resource that a successful move took elsewhere, with its id before and after and the record that says so.
-- Why: a lifetime goes on under the new id, so its first write stands under the old one.
select m.old_id, m.new_id, m.ts, m.src_file, m.src_ordinal
from moves m
left join hidden_ids h on h.id = split_part(m.old_id, '/', 3) and coalesce(cast(m.ts as date), date '0001-01-01') <= h.until
left join hidden_ids g on g.id = regexp_extract(m.old_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
left join hidden_ids n on n.id = split_part(m.new_id, '/', 3) and coalesce(cast(m.ts as date), date '0001-01-01') <= n.until
left join hidden_ids o on o.id = regexp_extract(m.new_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null and n.id is null and o.id is null
