-- two rows, the usage that counts and the usage that got a status: if rows or money differ, something was lost or counted twice.
select 'counted' as what, cast(coalesce(sum(u.usage_rows), 0) as bigint) as usage_rows,
  coalesce(sum(u.billed_cost), 0) as billed_cost, coalesce(sum(u.effective_cost), 0) as effective_cost
from usage_days u
semi join counted_days c on c.slice_id = u.slice_id and c.subscription_key = u.subscription_key and c.usage_date = u.usage_date
  and c.billing_account_id = u.billing_account_id and c.billing_profile_id = u.billing_profile_id
union all
select 'judged', cast(coalesce(sum(s.usage_rows), 0) as bigint), coalesce(sum(s.billed_cost), 0), coalesce(sum(s.effective_cost), 0)
from status_sums s
order by what
