-- evidence_reach: one row per subscription and kind of evidence, with the days from which and to which it reaches.
-- Why: where a link of a chain is missing, this tells which export would have held it.
select e.subscription_id, e.kind, cast(min(e.ts) as date) as first_date, cast(max(e.ts) as date) as last_date, cast(count(*) as bigint) as records,
  cast(max(e.ts) as date) as on_day
from (
  select d.subscription_id, 'deployments' as kind, d.start_ts as ts from deployments d
  union all
  select split_part(o.dep_id, '/', 3) as subscription_id, 'operations' as kind, o.start_ts as ts from operations o where o.dep_id like '/subscriptions/%'
  union all
  select a.subscription_id, 'activity' as kind, a.event_ts as ts from activity a
  union all
  select c.subscription_id, 'changes' as kind, c.ts from changes c
  union all
  select split_part(q.resource_id, '/', 3) as subscription_id, 'requests' as kind, q.ts from requests q where q.resource_id like '/subscriptions/%'
) e
left join hidden_ids h on h.id = e.subscription_id and coalesce(cast(e.ts as date), date '0001-01-01') <= h.until
where e.subscription_id is not null and h.id is null
group by e.subscription_id, e.kind
