-- reach: one row per kind of evidence of $subscription, with the days that it spans.
-- Why: tells which export would have held a missing link.
select kind, first_date, last_date, records
from evidence_reach
where subscription_id = $subscription
order by kind
