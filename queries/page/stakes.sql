-- stakes: one row per id without a registration in force, kind and currency of the usage that it owns, the largest amounts first.
-- Why: money that a registration would bring in. Ids of tools are left out: they are nobody's to register.
-- lines is the number of rows; the first $rows of a currency are here.
select l.currency, l.tracking_id, l.kind, l.cost, l.first_seen, l.last_seen, l.requests, l.lines
from (
  select
    currency,
    tracking_id,
    kind,
    effective_cost as cost,
    first_seen,
    last_seen,
    requests,
    cast(count(*) over (partition by currency) as bigint) as lines,
    row_number() over (partition by currency order by effective_cost desc nulls last, tracking_id asc nulls first, kind asc nulls first) as place
  from unregistered
  where currency <> '' and kind <> 'system'
) l
where l.place <= cast($rows as bigint)
order by l.currency asc nulls first, l.place asc nulls first
