-- title: Folders that deliver nothing new
-- purpose: Folders of input files by the age of the newest file in them: exports that stopped.
-- param days = '3': how many days a folder may be silent, counted back from the newest file of all
select folder, files, newest_file, datediff('day', newest_file, newest_of_all) as days_silent
from (
  select
    regexp_replace(path, '/[^/]*$', '') as folder, count(*) as files, max(modified_at) as newest_file, max(max(modified_at)) over () as newest_of_all
  from files
  group by folder
)
where newest_file < newest_of_all - to_days(cast($days as integer))
order by newest_file, folder
