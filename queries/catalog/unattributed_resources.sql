-- title: Dearest resources without an owner
-- purpose: Candidates for a tag: the resources with the most effective cost that no tracking id owns.
-- param month = '': YYYY-MM; empty: the latest month
-- param top = '20': how many per currency
select currency, effective_cost, status, reason, subscription_id, resource_id, last_usage_date
from unattributed
where month = coalesce(nullif($month, ''), (select max(month) from unattributed))
qualify row_number() over (partition by currency order by effective_cost desc nulls last, resource_id nulls last, status, reason) <= cast($top as bigint)
order by currency, effective_cost desc nulls last, resource_id nulls last, status, reason
