-- managed_groups: one row per resource group that a resource manages, such as the node group of an AKS cluster.
-- Why: what lies in it follows its manager under inherit_managed_groups, and without that this tells why it is nobody's.
select m.resource_group_id, m.manager_id
from managed_groups m
