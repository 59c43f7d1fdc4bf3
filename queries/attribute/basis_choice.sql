-- basis_choice: one row per subscription, day and billing account that exports of several cost bases cover in that month, with the one basis that
-- counts there (SPEC 3.2c, 5.J). For rows without a subscription, one per scope (scope_key, else empty).
-- Why: actual and amortized exports hold the same usage; bases are never added up. A basis is present on the days that its runs declare (a plain
-- file: from its first to its last day), in months in which the export holds rows of the subscription. Among those present, the configured basis
-- comes first, then focus, amortized, actual, usage. A basis without usage rows on the day comes after those that have some: an export that lags a
-- few hours behind must not take the day from another. Rows that name no account match any.
with contested as (
  select u.subscription_key, u.month_start
  from usage_days u
  group by u.subscription_key, u.month_start
  having min(u.cost_basis) <> max(u.cost_basis)
),
told as (
  select f.export_group, u.subscription_key, case when u.subscription_key = '()' then coalesce(f.scope, '') else '' end as scope_key,
    u.month_start, u.usage_date, u.billing_account, u.cost_basis, u.used_rows
  from usage_days u
  join contested c on c.subscription_key = u.subscription_key and c.month_start = u.month_start
  join slice_facts f on f.slice_id = u.slice_id
),
export_months as (
  select distinct t.export_group, t.subscription_key, t.scope_key, t.month_start, t.billing_account, t.cost_basis
  from told t
),
declared as (
  select distinct g.export_group, g.month_start, f.declared_from, f.declared_to
  from (select distinct e.export_group, e.month_start from export_months e) g
  join slice_facts f
    on f.export_group = g.export_group
    and f.declared_from < cast(g.month_start + interval '1' month as date) and f.declared_to >= g.month_start
),
present as (
  select distinct e.subscription_key, e.scope_key, e.month_start, e.billing_account, e.cost_basis, d.declared_from, d.declared_to
  from export_months e
  join declared d on d.export_group = e.export_group and d.month_start = e.month_start
),
keys as (
  select distinct t.subscription_key, t.scope_key, t.month_start, t.usage_date, t.billing_account
  from told t
),
candidates as (
  select k.subscription_key, k.scope_key, k.usage_date, k.billing_account, p.cost_basis, 1 as is_present, 0 as is_used
  from keys k
  join present p on p.subscription_key = k.subscription_key and p.scope_key = k.scope_key and p.month_start = k.month_start
  where k.usage_date >= p.declared_from and k.usage_date <= p.declared_to
    and (k.billing_account = p.billing_account or k.billing_account = '' or p.billing_account = '')
  union all
  select k.subscription_key, k.scope_key, k.usage_date, k.billing_account, t.cost_basis, 0 as is_present, case when t.used_rows > 0 then 1 else 0 end as is_used
  from keys k
  join told t on t.subscription_key = k.subscription_key and t.scope_key = k.scope_key and t.usage_date = k.usage_date
  where k.billing_account = t.billing_account or k.billing_account = '' or t.billing_account = ''
)
select r.subscription_key, r.scope_key, r.usage_date, r.billing_account, r.cost_basis
from (
  select
    c.subscription_key,
    c.scope_key,
    c.usage_date,
    c.billing_account,
    c.cost_basis,
    row_number() over (
      partition by c.subscription_key, c.scope_key, c.usage_date, c.billing_account
      order by
        c.is_used desc nulls last,
        c.is_present desc nulls last,
        case
          when c.cost_basis = p.cost_basis then 0
          when c.cost_basis = 'focus' then 1
          when c.cost_basis = 'amortized' then 2
          when c.cost_basis = 'actual' then 3
          else 4
        end asc nulls last,
        c.cost_basis asc nulls last
    ) as choice
  from (
    select x.subscription_key, x.scope_key, x.usage_date, x.billing_account, x.cost_basis, max(x.is_present) as is_present, max(x.is_used) as is_used
    from candidates x
    group by x.subscription_key, x.scope_key, x.usage_date, x.billing_account, x.cost_basis
  ) c
  cross join params p
) r
where r.choice = 1
