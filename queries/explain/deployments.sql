-- deployments: one row per run of a deployment in one of $requests, or of one of $deployments (each one a line), its newest record.
-- Why: names, states and error codes; what has no row here was purged, overwritten or never exported.
select
  dep_id, name, subscription_id, resource_group, correlation_id, state, start_ts, end_ts, error_code,
  cast(null as varchar) as evidence, src_file as file, src_ordinal as record
from deployments
where correlation_id in (select unnest(string_split($requests, chr(10))))
  or dep_id in (select unnest(string_split($deployments, chr(10))))
order by start_ts, dep_id, correlation_id
