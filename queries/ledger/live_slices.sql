-- the slices that count and have rows.
select slice_id
from slices
where is_live and usage_rows > 0
order by slice_id
