-- currencies: one row per currency that any report has, with its attributed usage rows, and whether some usage is credited to several ids in
-- $first or a later month.
-- Why: each currency is a section of the page, for amounts of two are never added; that with the most attributed rows comes first, as in the summary.
select
  c.currency,
  coalesce(cast(sum(case when c.status = 'attributed' then c.usage_rows end) as bigint), cast(0 as bigint)) as attributed_rows,
  max(c.is_duplicated) = 1 as is_duplicated
from (
  select coalesce(currency, '') as currency, status, usage_rows, 0 as is_duplicated from coverage
  union all
  select coalesce(currency, ''), 'summary', 0, case when month >= $first and duplicate_cost <> 0 then 1 else 0 end from summary
  union all
  select coalesce(currency, ''), 'restatements', 0, 0 from restatements
  union all
  select coalesce(currency, ''), 'overlaps', 0, 0 from overlaps
  union all
  select currency, 'unregistered', 0, 0 from unregistered where currency <> ''
) c
group by c.currency
order by attributed_rows desc nulls last, c.currency asc nulls first
