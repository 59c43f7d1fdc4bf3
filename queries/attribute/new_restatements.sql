-- new_restatements: one row per month, currency and status whose reported sums change because a slice of that month was replaced.
-- Why: exports re-deliver closed months; a partner who paid or claimed by the old report must see what became of it (SPEC 6). A status
-- that is new in the month has old sums of zero, one that is gone new sums of zero.
select
  d.month_start,
  d.currency,
  d.status,
  d.replaced_at,
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
    m.month_start,
    k.currency,
    k.status,
    m.replaced_at,
    coalesce(o.billed_cost, cast(0 as decimal(38,18))) as old_billed_cost,
    coalesce(n.billed_cost, cast(0 as decimal(38,18))) as new_billed_cost,
    coalesce(o.effective_cost, cast(0 as decimal(38,18))) as old_effective_cost,
    coalesce(n.effective_cost, cast(0 as decimal(38,18))) as new_effective_cost,
    coalesce(o.usage_rows, cast(0 as bigint)) as old_usage_rows,
    coalesce(n.usage_rows, cast(0 as bigint)) as new_usage_rows,
    r.run_id as old_run,
    p.run_id as new_run
  from (
    select x.month_start, max(x.replaced_at) as replaced_at
    from replaced_months x
    group by x.month_start
  ) m
  join (select y.month_start, max(y.run_id) as run_id from reported y group by y.month_start) r on r.month_start = m.month_start
  join (
    select a.month_start, a.currency, a.status from reported a
    union
    select b.month_start, b.currency, b.status from coverage_sums b
  ) k on k.month_start = m.month_start
  left join reported o on o.month_start = k.month_start and o.currency is not distinct from k.currency and o.status = k.status
  left join coverage_sums n on n.month_start = k.month_start and n.currency is not distinct from k.currency and n.status = k.status
  cross join params p
) d
where d.old_billed_cost <> d.new_billed_cost
  or d.old_effective_cost <> d.new_effective_cost
  or d.old_usage_rows <> d.new_usage_rows
