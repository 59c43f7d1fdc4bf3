-- shared_days: the chosen days of a subscription that several exports or plain files hold, or that lie outside the days of a run, with the facts
-- about their slices.
-- Why: nearly all days are in only one export; nothing has to be decided for these. Runs of exports with one rival_scope replace each other, the
-- newest first; all management groups that hold a subscription are one. All but the newest eight (is_recent) yield without a comparison, so a scope
-- can have any number of exports.
select
  d.slice_id,
  d.subscription_key,
  d.usage_date,
  d.billing_account_id,
  d.billing_profile_id,
  d.billing_account,
  d.billing_profile,
  d.export_group,
  d.scope,
  d.rival_scope,
  d.kind,
  d.scope_rank,
  d.is_plain,
  d.is_loose,
  d.submitted_at,
  d.is_outside,
  row_number() over (
    partition by d.subscription_key, d.usage_date, d.is_outside, d.is_loose, d.rival_scope, d.billing_account, d.billing_profile
    order by d.submitted_at desc nulls last, d.export_group asc nulls last, d.slice_id asc nulls last
  ) <= 8 as is_recent
from (
  select c.slice_id, c.subscription_key, c.usage_date, c.billing_account_id, c.billing_profile_id, c.billing_account, c.billing_profile,
    f.export_group, f.scope, f.kind, f.scope_rank, f.is_plain, f.is_loose, f.submitted_at,
    case when f.kind = 'managementgroups' then f.kind else f.scope end as rival_scope,
    c.usage_date < f.days_from or c.usage_date > f.days_to as is_outside
  from chosen_days c
  join slice_facts f on f.slice_id = c.slice_id
  join (
    select h.subscription_key, h.usage_date
    from chosen_days h
    join slice_facts e on e.slice_id = h.slice_id
    group by h.subscription_key, h.usage_date
    having min(e.export_group) <> max(e.export_group)
      or max(case when h.usage_date < e.days_from or h.usage_date > e.days_to then 1 else 0 end) = 1
  ) s on s.subscription_key = c.subscription_key and s.usage_date = c.usage_date
) d
