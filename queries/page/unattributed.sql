-- unattributed: one row per line of the report unattributed of $month, the largest amounts first.
-- Why: where attribution would bring the most.
-- lines is the number of rows; the first $rows of a currency are here.
select l.currency, l.cause, l.subscription_id, l.resource_id, l.cost, l.usage_rows, l.first_usage_date, l.last_usage_date, l.lines
from (
  select
    coalesce(currency, '') as currency,
    case when reason <> '' then reason else status end as cause,
    coalesce(subscription_id, '') as subscription_id,
    coalesce(resource_id, '') as resource_id,
    effective_cost as cost,
    usage_rows,
    first_usage_date,
    last_usage_date,
    cast(count(*) over (partition by currency) as bigint) as lines,
    row_number() over (partition by currency order by effective_cost desc nulls last, status asc nulls first, reason asc nulls first, subscription_id asc nulls first, resource_id asc nulls first) as place
  from unattributed
  where month = $month
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
