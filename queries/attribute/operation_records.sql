-- operation_records: one row per deployment operation and the run (correlation id) of its deployment that it belongs to, latest state only.
-- Why: the record whose [start, end] holds the operation's time, else the nearest one (SPEC 5.B); an operation of a deployment
-- without any record stands under a request of its own, named by the deployment. Where there is nothing to choose, nothing is sorted.
select
  p.dep_id,
  p.operation_id,
  coalesce(r.correlation_id, 'deployment ' || p.dep_id) as correlation_id,
  p.prov_op,
  p.state,
  p.status_code,
  coalesce(p.ts, r.end_ts) as ts,
  coalesce(p.start_ts, p.ts, r.start_ts) as start_ts,
  p.target_id,
  p.target_type,
  p.src_file,
  p.src_ordinal
from operations p
left join contested_deployments k on k.dep_id = p.dep_id
left join deployment_records r on r.dep_id = p.dep_id
where k.dep_id is null and p.dep_id is not null
union all
select
  o.dep_id,
  o.operation_id,
  o.correlation_id,
  o.prov_op,
  o.state,
  o.status_code,
  o.ts,
  o.start_ts,
  o.target_id,
  o.target_type,
  o.src_file,
  o.src_ordinal
from (
  select
    m.dep_id,
    m.operation_id,
    m.correlation_id,
    m.prov_op,
    m.state,
    m.status_code,
    m.ts,
    m.start_ts,
    m.target_id,
    m.target_type,
    m.src_file,
    m.src_ordinal,
    row_number() over (
      partition by m.dep_id, m.operation_id, m.correlation_id
      order by m.ts desc nulls last, m.state desc nulls last, m.src_file asc nulls last, m.src_ordinal asc nulls last
    ) as newest
  from (
    select
      p.dep_id,
      p.operation_id,
      coalesce(r.correlation_id, 'deployment ' || p.dep_id) as correlation_id,
      p.prov_op,
      p.state,
      p.status_code,
      coalesce(p.ts, r.end_ts) as ts,
      coalesce(p.start_ts, p.ts, r.start_ts) as start_ts,
      p.target_id,
      p.target_type,
      p.src_file,
      p.src_ordinal,
      row_number() over (
        partition by p.dep_id, p.operation_id, p.ts, p.state, p.src_file, p.src_ordinal
        order by
          case
            when p.ts is null then 0
            when p.ts < r.start_ts then unix_micros(r.start_ts) - unix_micros(p.ts)
            when p.ts > r.end_ts then unix_micros(p.ts) - unix_micros(r.end_ts)
            else 0
          end asc nulls last,
          r.start_ts desc nulls last,
          r.correlation_id asc nulls last
      ) as nearest
    from operations p
    left join contested_deployments k on k.dep_id = p.dep_id
    left join deployment_records r on r.dep_id = p.dep_id
    where k.dep_id is not null or p.dep_id is null
  ) m
  where m.nearest = 1
) o
where o.newest = 1
