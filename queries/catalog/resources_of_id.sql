-- title: Resources of a tracking id
-- purpose: What a tracking id owns, and what it costs over all months.
-- param tracking_id: with or without pid-
select resource_id, subscription_id, billing_currency as currency, cast(sum(effective_cost) as decimal(38,18)) as effective_cost, min(usage_date) as first_usage_date, max(usage_date) as last_usage_date, max(method) as method
from attributed_usage
where tracking_id = regexp_replace(lower($tracking_id), '^pid-', '')
group by resource_id, subscription_id, billing_currency
order by currency, effective_cost desc nulls last, resource_id
