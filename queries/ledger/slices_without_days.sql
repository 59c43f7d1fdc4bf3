-- live slices whose days have not been counted yet: just loaded, or loaded by an older program that did not store them.
select s.slice_id
from slices s
where s.is_live and s.usage_rows > 0 and s.slice_id not in (select d.slice_id from slice_days d)
order by s.slice_id
