-- writes: one row per first write of a lifetime and tagged write of each of $resources, or by each of $requests (one a line).
-- Why: what was created when, by which request, and where that is written.
select resource_id, correlation_id, ts, is_update, lifetime, place, evidence, src_file as file, src_ordinal as record
from writes
where resource_id in (select unnest(string_split($resources, chr(10))))
  or correlation_id in (select unnest(string_split($requests, chr(10))))
order by resource_id, ts, correlation_id
