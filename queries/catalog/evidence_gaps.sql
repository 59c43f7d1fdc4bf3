-- title: Money without evidence
-- purpose: Subscriptions whose usage cannot be judged, because no evidence reaches back to it, with what evidence there is.
select
  u.subscription_id, u.currency, u.effective_cost, u.first_usage_date,
  string_agg(e.kind || ' ' || e.first_date || '..' || e.last_date, '; ' order by e.kind) as evidence
from (
  select subscription_id, currency, cast(sum(effective_cost) as decimal(38,18)) as effective_cost, min(first_usage_date) as first_usage_date
  from unattributed
  where reason = 'no_evidence'
  group by subscription_id, currency
) u
left join evidence_reach e on e.subscription_id = u.subscription_id
group by all
order by u.currency, u.effective_cost desc nulls last, u.subscription_id
