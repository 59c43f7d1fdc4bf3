-- of several records of one event the one that stays: one with a final status, then the first place it was read from, so that the order of
-- delivery does not matter (SPEC 3.3).
select * exclude (choice)
from (
  select c.*, row_number() over (partition by c.dedupe_key order by case when c.status in ('succeeded', 'failed') then 0 else 1 end asc, c.src_file asc, c.src_ordinal asc) as choice
  from candidates c
)
where choice = 1
