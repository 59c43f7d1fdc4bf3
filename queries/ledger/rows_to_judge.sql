-- The rows that a judgement of all months reads: usage and evidence.
select cast(sum(r.n) as bigint) as judged_rows
from (
  select sum(u.usage_rows) as n from usage_days u
  union all
  select count(*) as n from deployments
  union all
  select count(*) as n from operations
  union all
  select count(*) as n from activity
  union all
  select count(*) as n from changes
  union all
  select count(*) as n from requests
) r
