-- operation_runs: one row per operation, in each of its states, of a deployment where a run has to be chosen: the number of its run, whether this
-- is its latest state there, and how many runs without a known start it may belong to.
-- Why: an operation belongs to the run whose window holds its time; else to the first that ends at or after it if the start of that one is not
-- known; else to the nearest; and after the last end to the last (SPEC 5.B). Operations, starts and ends are put on one timeline per deployment, so
-- that each operation meets only the runs next to it, however often the name was used. The timeline holds only numbers and times, each time once,
-- because it is sorted as a whole.
with records as (
  select k.dep_no, r.run, r.start_ts, r.end_ts, r.has_start
  from deployment_records r
  join contested_deployments k on k.dep_id = r.dep_id
),
line as (
  select
    t.dep_no,
    t.at,
    t.kind,
    max(t.started_run) over (
      partition by t.dep_no order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
    ) as started_run,
    cast(sum(t.ended) over (
      partition by t.dep_no order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
    ) as bigint) as ended_runs,
    cast(sum(t.ended_open) over (
      partition by t.dep_no order by t.at asc nulls last, t.kind asc nulls last rows between unbounded preceding and current row
    ) as bigint) as ended_open_runs
  from (
    select r.dep_no, r.start_ts as at, 0 as kind, r.run as started_run, 0 as ended, 0 as ended_open
    from records r
    where r.has_start = 1
    union all
    select distinct k.dep_no, coalesce(p.ts, timestamp '9999-12-31 00:00:00') as at, 1 as kind, cast(null as bigint) as started_run, 0 as ended, 0 as ended_open
    from operations p
    join contested_deployments k on k.dep_id = p.dep_id
    union all
    select r.dep_no, coalesce(r.end_ts, timestamp '0001-01-01 00:00:00') as at, 2 as kind, cast(null as bigint) as started_run, 1 as ended, 1 - r.has_start as ended_open
    from records r
  ) t
),
placed as (
  select
    l.dep_no,
    l.at,
    case
      when l.at <= started.end_ts then started.run
      when next.run is null then ended.run
      when next.has_start = 0 or ended.run is null then next.run
      when l.at - ended.end_ts < next.start_ts - l.at then ended.run
      else next.run
    end as run,
    case when l.at <= started.end_ts or coalesce(next.has_start, 1) = 1 then 0 else a.open_runs - l.ended_open_runs end as open_runs
  from line l
  left join (select r.dep_no, cast(sum(1 - r.has_start) as bigint) as open_runs from records r group by r.dep_no) a on a.dep_no = l.dep_no
  left join records started on started.dep_no = l.dep_no and started.run = l.started_run
  left join records ended on ended.dep_no = l.dep_no and ended.run = l.ended_runs
  left join records next on next.dep_no = l.dep_no and next.run = l.ended_runs + 1
  where l.kind = 1
)
select
  o.dedupe_key,
  p.run,
  case
    when row_number() over (
      partition by p.dep_no, o.operation_id, p.run
      order by o.ts desc nulls last, o.state desc nulls last, o.src_file asc nulls last, o.src_ordinal asc nulls last
    ) = 1 then 1 else 0
  end as is_latest,
  p.open_runs
from operations o
join contested_deployments k on k.dep_id = o.dep_id
join placed p on p.dep_no = k.dep_no and p.at = coalesce(o.ts, timestamp '9999-12-31 00:00:00')
