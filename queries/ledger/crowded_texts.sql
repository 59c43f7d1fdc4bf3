-- one row: how many texts hold more than 32 `pid-`, of which the grammar takes 32 for each of its rules, and how many it passed over.
select count(*) as texts, coalesce(cast(sum(x.pids - 32) as bigint), 0) as passed
from (
  select (length(t.t) - length(replace(t.t, 'pid-', ''))) // 4 as pids
  from token_texts t
) x
where x.pids > 32
