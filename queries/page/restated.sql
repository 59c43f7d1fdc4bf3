-- restated: one row per line of the report restatements, the newest first.
-- Why: months that were reported otherwise before; is_new: this run ($run) found it.
-- lines is the number of rows; the first $rows of a currency are here.
select l.currency, l.month, l.status, l.replaced_at, l.cause, l.old, l.new, l.difference, l.is_new, l.lines
from (
  select
    coalesce(currency, '') as currency,
    month,
    status,
    replaced_at,
    coalesce(cause, '') as cause,
    old_effective_cost as old,
    new_effective_cost as new,
    difference,
    coalesce(new_run = $run, false) as is_new,
    cast(count(*) over (partition by currency) as bigint) as lines,
    row_number() over (partition by currency order by replaced_at desc nulls last, month asc nulls first, status asc nulls first, cause asc nulls first) as place
  from restatements
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
