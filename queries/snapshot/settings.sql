-- settings: one row, the attribution settings that the snapshot was made under.
-- Why: the same evidence gives other owners under other settings.
select p.owner, p.credit, p.retroactive, p.inherit_children, p.inherit_managed_groups, p.shared_correlation, p.cost_basis
from params p
