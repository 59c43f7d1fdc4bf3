-- of several records of one deployment run the one that stays: the latest timestamp, then the first place it was read from, so that the order of
-- delivery does not matter (SPEC 3.3).
select * exclude (choice)
from (
  select c.*, row_number() over (partition by c.dedupe_key order by c.end_ts desc nulls last, c.src_file asc, c.src_ordinal asc) as choice
  from candidates c
)
where choice = 1
