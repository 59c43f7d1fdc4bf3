-- basis_choice: one row per subscription and month with the one cost basis that counts there (SPEC 5.J).
-- Why: actual and amortized exports tell the same usage twice; bases are never added up. The configured basis goes first,
-- then focus, amortized, actual, usage.
select
  r.subscription_key,
  r.month_start,
  r.cost_basis
from (
  select
    d.subscription_key,
    d.month_start,
    d.cost_basis,
    row_number() over (
      partition by d.subscription_key, d.month_start
      order by
        case
          when d.cost_basis = d.wanted_basis then 0
          when d.cost_basis = 'focus' then 1
          when d.cost_basis = 'amortized' then 2
          when d.cost_basis = 'actual' then 3
          else 4
        end asc nulls last,
        d.cost_basis asc nulls last
    ) as choice
  from (
    select distinct u.subscription_key, u.month_start, u.cost_basis, p.cost_basis as wanted_basis
    from usage_days u
    cross join params p
  ) d
) r
where r.choice = 1
