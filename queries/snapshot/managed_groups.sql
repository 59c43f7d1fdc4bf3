-- managed_groups: one row per resource group that a resource manages, such as the node group of an AKS cluster.
-- Why: what lies in it follows its manager under inherit_managed_groups, and without that this tells why it is nobody's.
select m.resource_group_id, m.manager_id
from managed_groups m
left join hidden_ids h on h.id = split_part(m.resource_group_id, '/', 3)
left join hidden_ids g on g.id = m.resource_group_id
left join hidden_ids n on n.id = split_part(m.manager_id, '/', 3)
left join hidden_ids o on o.id = regexp_extract(m.manager_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null and n.id is null and o.id is null
