-- all records of contested keys.
from present
union all by name
select * from staged semi join contested using (dedupe_key)
