-- one row: how many texts hold more than 32 `pid-`, the limit of each rule of the grammar, and how many `pid-` beyond that were passed over.
select count(*) as texts, coalesce(cast(sum(x.pids - 32) as bigint), 0) as passed
from (
  select (length(t.t) - length(replace(t.t, 'pid-', ''))) // 4 as pids
  from token_texts t
) x
where x.pids > 32
