-- group_writes: at most one row, the tagged write of the resource group in which $resource lies.
-- Why: a resource group that a tagged deployment created passes nothing on to what lies in it.
select w.correlation_id, w.ts, w.evidence, w.src_file as file, w.src_ordinal as record
from writes w
where w.resource_id = regexp_extract($resource, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) and w.tracking_id is not null
order by w.ts
limit 1
