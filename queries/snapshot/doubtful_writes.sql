-- doubtful_writes: one row per write that is known only by operations which several runs of their deployment could hold, for the starts of
-- these runs are not known.
-- Why: the request of such a write is a rule's choice, not a fact of a record.
select d.resource_id, d.correlation_id, d.dep_id, d.open_runs
from doubtful_writes d
left join hidden_ids h on h.id = split_part(d.resource_id, '/', 3)
left join hidden_ids g on g.id = regexp_extract(d.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
left join hidden_ids n on n.id = split_part(d.dep_id, '/', 3)
left join hidden_ids o on o.id = regexp_extract(d.dep_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null and n.id is null and o.id is null
