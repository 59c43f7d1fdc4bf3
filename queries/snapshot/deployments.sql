-- deployments: one row per known run of a deployment, as delivered, with the file and record it stands in.
-- Why: names, states and error codes of deployments, to look things up by name.
select
  d.dep_id, d.name, d.scope_kind, d.subscription_id, d.resource_group, d.correlation_id, d.state, d.mode, d.start_ts, d.end_ts, d.error_code,
  d.src_shape, d.src_file, d.src_ordinal, coalesce(d.start_ts, d.end_ts) as on_day
from deployments d
