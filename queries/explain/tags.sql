-- tags: one row per id on a write of each of $resources, or by each of $requests (one a line), with its rank and registration.
-- Why: several ids may stand on one request; rank 1 has the credit.
select
  t.resource_id, t.correlation_id, t.tracking_id, t.standing, t.method, t.place
from write_tags t
where t.resource_id in (select unnest(string_split($resources, chr(10))))
  or t.correlation_id in (select unnest(string_split($requests, chr(10))))
order by t.resource_id, t.correlation_id, t.place
