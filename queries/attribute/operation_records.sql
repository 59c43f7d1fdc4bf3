-- operation_records: one row per deployment operation and the run (correlation id) of its deployment that it belongs to, latest state only.
-- Why: operations carry no correlation id; that of their run ties the resources they made to a tracking id (SPEC 5.B). Operations of a deployment
-- without any record get a request of their own, named after the deployment. open_runs is how many runs without a known start it could belong to;
-- with fewer than two there is no doubt.
select
  o.dep_id,
  o.operation_id,
  coalesce(r.correlation_id, 'deployment ' || o.dep_id) as correlation_id,
  o.prov_op,
  o.state,
  o.status_code,
  coalesce(o.ts, r.end_ts) as ts,
  coalesce(o.start_ts, o.ts, r.start_ts) as start_ts,
  o.target_id,
  o.target_type,
  coalesce(n.open_runs, 0) as open_runs,
  o.src_file,
  o.src_ordinal
from operations o
left join operation_runs n on n.dedupe_key = o.dedupe_key
left join deployment_records r on r.dep_id = o.dep_id and r.run = coalesce(n.run, 1)
where coalesce(n.is_latest, 1) = 1
