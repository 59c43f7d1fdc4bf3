-- doubtful_writes: one row per write that is known only by operations which several runs of their deployment could hold, for the starts of
-- these runs are not known.
-- Why: the request of such a write is a rule's choice, not a fact of a record.
select d.resource_id, d.correlation_id, d.dep_id, d.open_runs
from doubtful_writes d
