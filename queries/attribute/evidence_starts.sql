-- evidence_starts: one row per subscription with the day of its earliest evidence of any kind.
-- Why: a resource older than all evidence of its subscription has the reason no_evidence, not untagged (SPEC 5.I).
select e.subscription_id, cast(min(e.ts) as date) as first_date
from (
  select d.subscription_id, d.start_ts as ts from deployments d
  union all
  select split_part(o.target_id, '/', 3) as subscription_id, o.start_ts as ts from operation_records o where o.target_id like '/subscriptions/%'
  union all
  select a.subscription_id, a.event_ts as ts from activity a
  union all
  select c.subscription_id, c.ts from changes c
) e
where e.subscription_id is not null
group by e.subscription_id
