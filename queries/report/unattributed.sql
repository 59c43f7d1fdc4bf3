-- unattributed: one row per month, status, reason, resource and currency of usage that no tracking id owns (SPEC 6).
-- Why: where to look next, resource by resource. Excluded customers are not in it, by any name.
select
  substring(cast(s.month_start as string), 1, 7) as month,
  s.status,
  s.reason,
  s.subscription_id,
  s.resource_id,
  s.currency,
  s.effective_cost,
  s.usage_rows,
  s.first_usage_date,
  s.last_usage_date
from status_sums s
where s.status in ('preexisting', 'malformed', 'unattributed')
