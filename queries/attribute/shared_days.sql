-- shared_days: the chosen days of a subscription that several exports or plain files hold, or that lie outside the days of a run, with
-- what is to know of their slices.
-- Why: nearly all days are held by one export only; nothing has to be decided there.
select
  c.slice_id,
  c.subscription_key,
  c.usage_date,
  c.billing_account_id,
  c.billing_profile_id,
  c.billing_account,
  c.billing_profile,
  f.export_group,
  f.scope,
  f.kind,
  f.scope_rank,
  f.is_plain,
  f.is_loose,
  f.submitted_at,
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
