-- title: Usage without an owner, and why
-- purpose: How much is not attributed and why: what to fix first.
-- param month = '': YYYY-MM; empty: the latest month
select
  status, reason, currency, cast(sum(effective_cost) as decimal(38,18)) as effective_cost, cast(sum(usage_rows) as bigint) as usage_rows,
  count(distinct resource_id) as resources, count(distinct subscription_id) as subscriptions
from unattributed
where month = coalesce(nullif($month, ''), (select max(month) from unattributed))
group by status, reason, currency
order by currency, effective_cost desc nulls last, status, reason nulls first
