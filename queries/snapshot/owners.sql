-- owners: one row per written resource and span of days with one owner, or one reason to have none; spans are closed and disjoint.
-- Why: whose a resource is, by its own writes; resource_spans has the judgement of every resource with usage, inherited ones too.
select o.resource_id, o.date_from, o.date_to, o.status, o.tracking_id, o.correlation_id, o.method, o.rule
from owner_spans o
left join hidden_ids h on h.id = split_part(o.resource_id, '/', 3) and o.date_from <= h.until
left join hidden_ids g on g.id = regexp_extract(o.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null
