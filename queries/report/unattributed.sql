-- unattributed: one row per month, status, reason, resource and currency of usage that no tracking id owns (SPEC 6).
-- Why: where to look next, resource by resource. Excluded customers are not in it, by any name.
select
  substring(cast(s.month_start as string), 1, 7) as month,
  s.status,
  s.reason,
  s.subscription_id,
  s.resource_id,
  s.currency,
  cast(sum(s.effective_cost) as decimal(38,18)) as effective_cost,
  cast(count(*) as bigint) as usage_rows,
  min(s.usage_date) as first_usage_date,
  max(s.usage_date) as last_usage_date
from usage_status s
where s.status in ('preexisting', 'malformed', 'unattributed')
group by s.month_start, s.status, s.reason, s.subscription_id, s.resource_id, s.currency
