-- shared_credits: one row per owning write whose usage several ids share, with how many.
-- Why: under any setting but credit: split there is none, and the usage rows need not be read for their shares.
select c.resource_id, c.correlation_id, c.shares
from credits c
where c.is_primary and c.shares > 1
