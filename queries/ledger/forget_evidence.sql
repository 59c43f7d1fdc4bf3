-- one row per evidence table: how many records came from the forgotten files.
select kind, records
from (
  select 1 as place, 'deployments' as kind, count(*) as records from deployments where src_file in (select path from forget_files)
  union all
  select 2, 'operations', count(*) from operations where src_file in (select path from forget_files)
  union all
  select 3, 'activity', count(*) from activity where src_file in (select path from forget_files)
  union all
  select 4, 'changes', count(*) from changes where src_file in (select path from forget_files)
  union all
  select 5, 'requests', count(*) from requests where src_file in (select path from forget_files)
)
order by place
