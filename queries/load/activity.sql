-- merges staged activity records: one row per event id, else per hash of what identifies the event (SPEC 3.3). Of two records of one
-- event the one with the final status wins, then the first place it was read from.
merge into ledger.activity as t
using (
  select * exclude (choice)
  from (
    select s.*, row_number() over (
      partition by s.dedupe_key
      order by case when s.status in ('succeeded', 'failed') then 0 else 1 end asc, s.src_file asc, s.src_ordinal asc
    ) as choice
    from staged s
    where s.src_file not in (select f.path from failed_files f)
  )
  where choice = 1
) as i
on t.dedupe_key = i.dedupe_key
when matched and (
  (case when i.status in ('succeeded', 'failed') then 0 else 1 end) < (case when t.status in ('succeeded', 'failed') then 0 else 1 end)
  or (
    (case when i.status in ('succeeded', 'failed') then 0 else 1 end) = (case when t.status in ('succeeded', 'failed') then 0 else 1 end)
    and (i.src_file < t.src_file or (i.src_file = t.src_file and i.src_ordinal < t.src_ordinal))
  )
) then update by name
when not matched then insert by name
