-- unattributed: of the report unattributed, the $rows lines with the most money of each currency in $month.
-- Why: where attribution would bring the most.
select l.month, l.currency, l.status, l.reason, l.effective_cost, l.resource_id, l.subscription_id, l.usage_rows, l.first_usage_date, l.last_usage_date
from (
  select
    month, currency, status, reason, effective_cost, resource_id, subscription_id, usage_rows, first_usage_date, last_usage_date,
    row_number() over (
      partition by currency order by effective_cost desc nulls last, status asc nulls first, reason asc nulls first, subscription_id asc nulls first, resource_id asc nulls first
    ) as place
  from unattributed
  where month = $month
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
