-- doubts: one row per write of $resource whose run was chosen among several that could hold it.
-- Why: another run of the same name may have made it.
select correlation_id, dep_id, open_runs
from doubtful_writes
where resource_id = $resource
order by correlation_id
