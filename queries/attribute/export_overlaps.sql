-- export_overlaps: one row per slice, subscription and day whose rows do not count because another export, whose declared
-- range covers the same subscription, day and cost basis, comes first (SPEC 3.2).
-- Why: a subscription's own export beside the billing account's would count its money twice. The wider scope wins; between
-- equals the newest run. Only exports with a declared range take part; an export covers a subscription in the months in which
-- it holds rows of it.
select
  r.slice_id,
  r.subscription_key,
  r.usage_date,
  r.kept_export,
  r.dropped_export
from (
  select
    d.slice_id,
    d.subscription_key,
    d.usage_date,
    kept.scope || ' ' || kept.export_name as kept_export,
    mine.scope || ' ' || mine.export_name as dropped_export,
    row_number() over (
      partition by d.slice_id, d.subscription_key, d.usage_date
      order by kept.scope_rank desc nulls last, kept.submitted_at desc nulls last, kept.scope asc nulls last, kept.export_name asc nulls last, kept.slice_id asc nulls last
    ) as choice
  from (select distinct u.slice_id, u.subscription_key, u.usage_date, u.month_start, u.cost_basis from usage_days u) d
  join basis_choice b
    on b.subscription_key = d.subscription_key and b.month_start = d.month_start and b.cost_basis = d.cost_basis
  join slices mine
    on mine.slice_id = d.slice_id
  join (
    select distinct s.scope, s.export_name, u.cost_basis, u.subscription_key, u.month_start
    from usage_days u
    join slices s on s.slice_id = u.slice_id
  ) covers
    on covers.subscription_key = d.subscription_key and covers.month_start = d.month_start and covers.cost_basis = d.cost_basis
  join slices kept
    on kept.scope = covers.scope and kept.export_name = covers.export_name and kept.cost_basis = covers.cost_basis
    and d.usage_date >= kept.range_start and d.usage_date <= kept.range_end
  where mine.range_start is not null
    and (kept.scope <> mine.scope or kept.export_name <> mine.export_name)
    and (
      kept.scope_rank > mine.scope_rank
      or (kept.scope_rank = mine.scope_rank and kept.submitted_at > mine.submitted_at)
      or (kept.scope_rank = mine.scope_rank and kept.submitted_at = mine.submitted_at
          and kept.scope || ' ' || kept.export_name < mine.scope || ' ' || mine.export_name)
    )
) r
where r.choice = 1
