-- usage_days of the slices that count, less the days that a newer export run replaced. A plain join with slices, which have each id once: with a
-- semi join before it, DuckDB 1.4.3 can lose the last condition of the anti join.
select d.*
from slice_days d
join slices s on s.slice_id = d.slice_id and s.is_live
anti join masked_days m on m.slice_id = d.slice_id and d.usage_date between m.date_from and m.date_to
