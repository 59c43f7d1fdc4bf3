-- new_restatements: one row per month, currency and status whose sums differ from those reported before, with the cause.
-- Why: a partner who paid or claimed by the old report must see what has changed (SPEC 6). A status that is new in the month has old sums of zero;
-- one that is gone has new sums of zero. If several inputs have changed since, the cause is the first that applies to the month and currency:
-- usage, when other usage was delivered for the month and it adds up to something else; settings; exclusions, when the excluded sums moved;
-- registry; settings again, when the program is another version; evidence; else usage that adds up to the same.
select
  d.month_start,
  d.currency,
  d.status,
  case when d.cause = 'usage' then d.usage_at else d.other_at end as replaced_at,
  d.cause,
  d.old_billed_cost,
  d.new_billed_cost,
  d.old_effective_cost,
  d.new_effective_cost,
  d.old_usage_rows,
  d.new_usage_rows,
  cast(cast(d.new_effective_cost as decimal(37,18)) - cast(d.old_effective_cost as decimal(37,18)) as decimal(38,18)) as difference,
  d.old_run,
  d.new_run
from (
  select
    l.*,
    case
      when l.usage_at is not null and (l.old_total_rows <> l.new_total_rows or l.old_total_billed <> l.new_total_billed or l.old_total_effective <> l.new_total_effective) then 'usage'
      when l.new_settings = 1 then 'settings'
      when l.new_exclusions = 1 and l.excluded_moved = 1 then 'exclusions'
      when l.new_registry = 1 then 'registry'
      when l.new_program = 1 then 'settings'
      when l.new_evidence = 1 then 'evidence'
      when l.usage_at is not null then 'usage'
      else 'settings'
    end as cause
  from (
    select
      s.*,
      cast(sum(s.old_usage_rows) over (partition by s.month_start, s.currency) as bigint) as old_total_rows,
      cast(sum(s.new_usage_rows) over (partition by s.month_start, s.currency) as bigint) as new_total_rows,
      cast(sum(s.old_billed_cost) over (partition by s.month_start, s.currency) as decimal(38,18)) as old_total_billed,
      cast(sum(s.new_billed_cost) over (partition by s.month_start, s.currency) as decimal(38,18)) as new_total_billed,
      cast(sum(s.old_effective_cost) over (partition by s.month_start, s.currency) as decimal(38,18)) as old_total_effective,
      cast(sum(s.new_effective_cost) over (partition by s.month_start, s.currency) as decimal(38,18)) as new_total_effective,
      max(case when s.status = 'excluded' and s.differs = 1 then 1 else 0 end) over (partition by s.month_start, s.currency) as excluded_moved
    from (
      select
        k.*,
        case when k.old_billed_cost <> k.new_billed_cost or k.old_effective_cost <> k.new_effective_cost or k.old_usage_rows <> k.new_usage_rows then 1 else 0 end as differs
      from (
        select
          m.month_start,
          a.currency,
          a.status,
          u.changed_at as usage_at,
          g.changed_at as other_at,
          g.new_settings, g.new_exclusions, g.new_registry, g.new_program, g.new_evidence,
          coalesce(o.billed_cost, cast(0 as decimal(38,18))) as old_billed_cost,
          coalesce(n.billed_cost, cast(0 as decimal(38,18))) as new_billed_cost,
          coalesce(o.effective_cost, cast(0 as decimal(38,18))) as old_effective_cost,
          coalesce(n.effective_cost, cast(0 as decimal(38,18))) as new_effective_cost,
          coalesce(o.usage_rows, cast(0 as bigint)) as old_usage_rows,
          coalesce(n.usage_rows, cast(0 as bigint)) as new_usage_rows,
          m.run_id as old_run,
          p.run_id as new_run
        from (select y.month_start, max(y.run_id) as run_id from reported y group by y.month_start) m
        join (
          select b.month_start, b.currency, b.status from reported b
          union
          select c.month_start, c.currency, c.status from coverage_sums c
        ) a on a.month_start = m.month_start
        left join reported o on o.month_start = a.month_start and o.currency is not distinct from a.currency and o.status = a.status
        left join coverage_sums n on n.month_start = a.month_start and n.currency is not distinct from a.currency and n.status = a.status
        left join (
          select x.month_start, max(x.changed_at) as changed_at -- only usage has a month
          from changed_inputs x
          group by x.month_start
        ) u on u.month_start = m.month_start
        cross join (
          select
            max(z.changed_at) as changed_at,
            max(case when z.input = 'settings' then 1 else 0 end) as new_settings,
            max(case when z.input = 'exclusions' then 1 else 0 end) as new_exclusions,
            max(case when z.input = 'registry' then 1 else 0 end) as new_registry,
            max(case when z.input = 'program' then 1 else 0 end) as new_program,
            max(case when z.input = 'evidence' then 1 else 0 end) as new_evidence
          from changed_inputs z
          where z.input <> 'usage'
        ) g
        cross join params p
      ) k
    ) s
  ) l
  where l.differs = 1
) d
