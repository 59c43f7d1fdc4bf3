-- operation_runs: one row per operation, in each of its states, of a deployment where a run has to be chosen: the number of its run,
-- whether this is its latest state there, and how many runs without a known start it may belong to.
-- Why: an operation belongs to the run whose window holds its time; else to the first that ends at or after it if the start of that one is
-- not known; else to the nearest; and after the last end to the last (SPEC 5.B). Operations, starts and ends stand on one line of time for
-- each deployment, so that each operation meets the runs next to it only, however often the name was used.
select
  c.dedupe_key,
  c.run,
  case
    when row_number() over (
      partition by c.dep_id, c.operation_id, c.run
      order by c.ts desc nulls last, c.state desc nulls last, c.src_file asc nulls last, c.src_ordinal asc nulls last
    ) = 1 then 1 else 0
  end as is_latest,
  c.open_runs
from (
  select
    o.dedupe_key,
    o.dep_id,
    o.operation_id,
    o.ts,
    o.state,
    o.src_file,
    o.src_ordinal,
    case
      when o.ts <= started.end_ts then started.run
      when next.run is null then ended.run
      when next.has_start = 0 or ended.run is null then next.run
      when unix_micros(o.ts) - unix_micros(ended.end_ts) < unix_micros(next.start_ts) - unix_micros(o.ts) then ended.run
      else next.run
    end as run,
    case when o.ts <= started.end_ts or coalesce(next.has_start, 1) = 1 then 0 else o.open_runs end as open_runs
  from (
    select
      t.dedupe_key,
      t.dep_id,
      t.operation_id,
      t.ts,
      t.state,
      t.src_file,
      t.src_ordinal,
      max(t.started_run) over (
        partition by t.dep_id order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
      ) as started_run,
      cast(sum(t.ended) over (
        partition by t.dep_id order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
      ) as bigint) as ended_runs,
      cast(sum(t.ended_open) over (partition by t.dep_id) as bigint) - cast(sum(t.ended_open) over (
        partition by t.dep_id order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
      ) as bigint) as open_runs
    from (
      select
        r.dep_id, r.start_ts as at, 0 as kind, r.run as started_run, 0 as ended, 0 as ended_open,
        cast(null as string) as dedupe_key, cast(null as string) as operation_id, cast(null as timestamp) as ts, cast(null as string) as state,
        cast(null as string) as src_file, cast(null as bigint) as src_ordinal
      from deployment_records r
      semi join contested_deployments k on k.dep_id = r.dep_id
      where r.has_start = 1
      union all
      select
        p.dep_id, coalesce(p.ts, timestamp '9999-12-31 00:00:00') as at, 1 as kind, cast(null as bigint) as started_run, 0 as ended, 0 as ended_open,
        p.dedupe_key, p.operation_id, p.ts, p.state, p.src_file, p.src_ordinal
      from operations p
      semi join contested_deployments k on k.dep_id = p.dep_id
      union all
      select
        r.dep_id, coalesce(r.end_ts, timestamp '0001-01-01 00:00:00') as at, 2 as kind, cast(null as bigint) as started_run, 1 as ended, 1 - r.has_start as ended_open,
        cast(null as string) as dedupe_key, cast(null as string) as operation_id, cast(null as timestamp) as ts, cast(null as string) as state,
        cast(null as string) as src_file, cast(null as bigint) as src_ordinal
      from deployment_records r
      semi join contested_deployments k on k.dep_id = r.dep_id
    ) t
  ) o
  left join deployment_records started on started.dep_id = o.dep_id and started.run = o.started_run
  left join deployment_records ended on ended.dep_id = o.dep_id and ended.run = o.ended_runs
  left join deployment_records next on next.dep_id = o.dep_id and next.run = o.ended_runs + 1
  where o.dedupe_key is not null
) c
