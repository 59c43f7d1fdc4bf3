-- deployments: one row per known run of a deployment, as delivered, with the file and record it stands in.
-- Why: names, states and error codes of deployments, to look things up by name.
select
  d.dep_id, d.name, d.scope_kind, d.subscription_id, d.resource_group, d.correlation_id, d.state, d.mode, d.start_ts, d.end_ts, d.error_code,
  d.src_shape, d.src_file, d.src_ordinal
from deployments d
left join hidden_ids h on h.id = d.subscription_id and coalesce(cast(coalesce(d.start_ts, d.end_ts) as date), date '0001-01-01') <= h.until
left join hidden_ids g on g.id = regexp_extract(d.dep_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null
