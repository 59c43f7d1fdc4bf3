-- export_overlaps: one row per slice, subscription, day, billing account and profile whose rows do not count, with the slice that counts there
-- instead and the reason (SPEC 3.2, 6).
-- Why: no delivered row is left out silently. The reasons are tried in the order of the steps: another cost basis, rows outside the days of a run
-- that the run of that day holds, a wider scope or newer run, the same charges.
with other_basis as (
  select distinct u.slice_id, u.subscription_key, u.usage_date, u.billing_account_id, u.billing_profile_id, u.month_start, b.scope_key, b.cost_basis
  from usage_days u
  join slice_facts f on f.slice_id = u.slice_id
  join basis_choice b
    on b.subscription_key = u.subscription_key and b.usage_date = u.usage_date and b.billing_account = u.billing_account
    and (u.subscription_key <> '()' or b.scope_key = coalesce(f.scope, ''))
  where b.cost_basis <> u.cost_basis
),
holders as (
  select h.subscription_key, h.scope_key, h.month_start, h.cost_basis, h.slice_id
  from (
    select d.subscription_key, d.scope_key, d.month_start, d.cost_basis, d.slice_id,
      row_number() over (
        partition by d.subscription_key, d.scope_key, d.month_start, d.cost_basis
        order by d.scope_rank desc nulls last, d.submitted_at desc nulls last, d.slice_id asc nulls last
      ) as choice
    from (
      select distinct u.subscription_key, case when u.subscription_key = '()' then coalesce(f.scope, '') else '' end as scope_key, u.month_start, u.cost_basis,
        u.slice_id, f.scope_rank, f.submitted_at
      from usage_days u
      join slice_facts f on f.slice_id = u.slice_id
      join (select distinct o.subscription_key, o.month_start from other_basis o) k on k.subscription_key = u.subscription_key and k.month_start = u.month_start
    ) d
  ) h
  where h.choice = 1
)
select o.slice_id, o.subscription_key, o.usage_date, o.billing_account_id, o.billing_profile_id, h.slice_id as other_id, 'other_basis' as reason
from other_basis o
left join holders h
  on h.subscription_key = o.subscription_key and h.scope_key = o.scope_key and h.month_start = o.month_start and h.cost_basis = o.cost_basis
union all
select c.slice_id, c.subscription_key, c.usage_date, c.billing_account_id, c.billing_profile_id, x.other_id, 'outside_range' as reason
from chosen_days c
join outside_rows x on x.slice_id = c.slice_id and x.subscription_key = c.subscription_key and x.usage_date = c.usage_date
where x.other_id is not null
union all
select s.slice_id, s.subscription_key, s.usage_date, s.billing_account_id, s.billing_profile_id, s.other_id, s.reason
from scope_overlaps s
left join outside_rows x on x.slice_id = s.slice_id and x.subscription_key = s.subscription_key and x.usage_date = s.usage_date
where x.other_id is null
union all
select c.slice_id, c.subscription_key, c.usage_date, c.billing_account_id, c.billing_profile_id, c.other_id, 'same_charges' as reason
from charge_overlaps c
left join scope_overlaps s
  on s.slice_id = c.slice_id and s.subscription_key = c.subscription_key and s.usage_date = c.usage_date
  and s.billing_account_id = c.billing_account_id and s.billing_profile_id = c.billing_profile_id
where s.slice_id is null
