-- shares: one row per currency and month: how much of its usage is attributed.
-- Why: a share that moves far is the first sign of evidence, a registration or an export that is missing. Its months are all that there are to
-- compare.
select
  coalesce(currency, '') as currency,
  month,
  coalesce(cast(sum(case when status = 'attributed' then effective_cost end) as decimal(38,18)), cast(0 as decimal(38,18))) as attributed,
  cast(sum(effective_cost) as decimal(38,18)) as all_usage
from coverage
where status <> 'not_usage'
group by coalesce(currency, ''), month
order by currency asc nulls first, month asc nulls first
