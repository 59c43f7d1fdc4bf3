-- deletes: one row per written resource and time at which it, or an ancestor of it, was deleted.
-- Why: these end lifetimes.
select d.resource_id, d.ts
from resource_deletes d
left join hidden_ids h on h.id = split_part(d.resource_id, '/', 3)
left join hidden_ids g on g.id = regexp_extract(d.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null
