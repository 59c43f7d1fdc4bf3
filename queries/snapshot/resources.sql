-- resources: one row per resource with usage that counts, with the first day of its usage, and of usage with a positive quantity.
-- Why: usage before the first known write tells that the resource is older than that.
select u.resource_id, u.subscription_id, u.first_usage_date, u.first_positive_date
from usage_resources u
left join hidden_ids h on h.id = split_part(u.resource_id, '/', 3)
left join hidden_ids g on g.id = u.resource_group_id
where h.id is null and g.id is null
