-- shared_credits: one row per owning write whose usage several ids share, with how many.
-- Why: without `credit: split` there are none, and the usage rows need not be read for their shares.
select c.resource_id, c.correlation_id, c.shares
from credits c
where c.is_primary and c.shares > 1
