-- scope: one row per status, reason, id and currency of the usage in $scope (a subscription or resource group).
-- Why: what of it is whose, and why the rest is nobody's.
select
  'attributed' as status, cast(null as varchar) as reason, u.tracking_id, u.billing_currency as currency,
  count(distinct u.resource_id) as resources, count(*) as usage_rows, sum(u.effective_cost) as effective_cost
from attributed_usage u
join (select distinct resource_id from resource_spans) v on v.resource_id = u.resource_id
where starts_with(u.resource_id || '/', $scope || '/') and not u.is_duplicate
group by u.tracking_id, u.billing_currency
union all
select
  status, reason, tracking_id, currency, count(distinct resource_id), sum(usage_rows), sum(effective_cost)
from resource_costs
where starts_with(coalesce(resource_id, '/subscriptions/' || subscription_id) || '/', $scope || '/')
group by status, reason, tracking_id, currency
order by status, reason, tracking_id, currency
