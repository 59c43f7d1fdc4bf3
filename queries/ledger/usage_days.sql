-- usage_days of the slices that count, less the days that a newer export run replaced.
select d.*
from slice_days d
semi join slices s on s.slice_id = d.slice_id and s.is_live
anti join masked_days m on m.slice_id = d.slice_id and d.usage_date between m.date_from and m.date_to
