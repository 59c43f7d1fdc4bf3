-- staged records that belong to no forgotten customer.
select * exclude (is_gone, kind)
from marked_rows
where not is_gone
