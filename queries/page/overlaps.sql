-- overlaps: one row per line of the report overlaps, the largest amounts first.
-- Why: usage that two exports or files deliver, of which one counts, or both in doubt.
-- lines is the number of rows; the first $rows of a currency are here.
select l.currency, l.month, l.subscription_id, l.kept, l.dropped, l.reason, l.days, l.usage_rows, l.cost, l.lines
from (
  select
    coalesce(currency, '') as currency,
    month,
    coalesce(subscription_id, '') as subscription_id,
    coalesce(kept_export, '') as kept,
    coalesce(dropped_export, '') as dropped,
    reason,
    days,
    usage_rows,
    effective_cost as cost,
    cast(count(*) over (partition by currency) as bigint) as lines,
    row_number() over (partition by currency order by effective_cost desc nulls last, month asc nulls first, subscription_id asc nulls first, kept_export asc nulls first, dropped_export asc nulls first, reason asc nulls first) as place
  from overlaps
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
