-- resource_costs: one row per month, resource, status, reason and currency of usage that no registered id in force owns.
-- Why: what a missing link costs; the report unattributed lacks the statuses late, unregistered and system. What is attributed is in
-- attributed_usage, row by row. A row without resource_id is usage that names none.
select
  s.month_start, s.status, s.reason, s.subscription_id, s.resource_id, s.currency, s.tracking_id, s.usage_rows, s.billed_cost, s.effective_cost,
  s.first_usage_date, s.last_usage_date, s.first_usage_date as on_day
from status_sums s
where s.status in ('late', 'unregistered', 'system', 'preexisting', 'malformed', 'unattributed')
