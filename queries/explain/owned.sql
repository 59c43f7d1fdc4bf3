-- owned: one row per resource with usage that one of $requests (one a line), or the id $tracking, owns, and the status of its rows.
-- Why: what came of a request or id. Amounts are what the id is credited; other statuses than attributed are by resource and id.
with
spans as (
  select distinct resource_id, status, tracking_id, correlation_id
  from resource_spans
  where tracking_id is not null
    and (correlation_id in (select unnest(string_split($requests, chr(10)))) or tracking_id = $tracking)
),
credited as (
  select
    u.resource_id, 'attributed' as status, u.tracking_id, u.correlation_id, u.billing_currency as currency, sum(u.effective_cost) as effective_cost,
    count(*) as usage_rows, min(u.usage_date) as first_usage_date, max(u.usage_date) as last_usage_date
  from attributed_usage u
  join (select distinct resource_id from resource_spans) v on v.resource_id = u.resource_id
  where u.correlation_id in (select unnest(string_split($requests, chr(10)))) or u.tracking_id = $tracking
  group by u.resource_id, u.tracking_id, u.correlation_id, u.billing_currency
)
select resource_id, status, tracking_id, correlation_id, currency, effective_cost, usage_rows, first_usage_date, last_usage_date
from credited
union all
select
  s.resource_id, s.status, s.tracking_id, s.correlation_id, c.currency, sum(c.effective_cost), sum(c.usage_rows),
  min(c.first_usage_date), max(c.last_usage_date)
from spans s
join resource_costs c on c.resource_id = s.resource_id and c.status = s.status and c.tracking_id = s.tracking_id
where s.status <> 'attributed'
group by s.resource_id, s.status, s.tracking_id, s.correlation_id, c.currency
order by status, resource_id, tracking_id, currency
