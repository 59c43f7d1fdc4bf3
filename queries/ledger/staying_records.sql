-- staged records of nobody who was forgotten.
select * exclude (is_gone, kind)
from marked_rows
where not is_gone
