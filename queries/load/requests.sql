-- merges staged logged requests: one row per record, however often and wherever it was delivered (SPEC 3.3).
merge into ledger.requests as t
using (
  select * exclude (choice)
  from (
    select s.*, row_number() over (partition by s.dedupe_key order by s.src_file asc, s.src_ordinal asc) as choice
    from staged s
    where s.src_file not in (select f.path from failed_files f)
  )
  where choice = 1
) as i
on t.dedupe_key = i.dedupe_key
when matched and (i.src_file < t.src_file or (i.src_file = t.src_file and i.src_ordinal < t.src_ordinal)) then update by name
when not matched then insert by name
