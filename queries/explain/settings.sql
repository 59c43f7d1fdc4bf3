-- settings: one row, the attribution settings of the snapshot.
-- Why: some answers depend on them.
select owner, credit, retroactive, inherit_children, inherit_managed_groups, shared_correlation
from settings
