-- scope: one row per status, reason, id and currency of the usage in $scopes (subscriptions, or a resource group; one a line), with what the id
-- stands for; in each status what costs most first.
-- Why: what of it is whose, and why the rest is nobody's.
select u.status, u.reason, u.tracking_id, r.offer, r.channel, u.currency, u.resources, u.usage_rows, u.effective_cost
from (
  select
    'attributed' as status, cast(null as varchar) as reason, u.tracking_id, u.billing_currency as currency,
    count(distinct u.resource_id) as resources, count(*) as usage_rows, sum(u.effective_cost) as effective_cost
  from attributed_usage u
  join (select distinct resource_id from resource_spans) v on v.resource_id = u.resource_id
  join (select unnest(string_split($scopes, chr(10))) as scope) s on starts_with(u.resource_id || '/', s.scope || '/')
  where not u.is_duplicate
  group by u.tracking_id, u.billing_currency
  union all
  select
    c.status, c.reason, c.tracking_id, c.currency, count(distinct c.resource_id), sum(c.usage_rows), sum(c.effective_cost)
  from resource_costs c
  join (select unnest(string_split($scopes, chr(10))) as scope) s on starts_with(coalesce(c.resource_id, '/subscriptions/' || c.subscription_id) || '/', s.scope || '/')
  group by c.status, c.reason, c.tracking_id, c.currency
) u
left join registrations r on r.tracking_id = u.tracking_id
order by u.currency, u.status, u.effective_cost desc, u.reason, u.tracking_id
