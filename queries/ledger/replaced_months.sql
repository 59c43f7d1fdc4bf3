-- records the months of the slices that are about to be replaced or to lose days: those of the export run and those of its rows.
insert into replaced_months
select distinct m.month_start, ?::timestamp
from (
  select s.month_start from slices s where s.is_live and s.month_start is not null and s.slice_id not in (select t.slice_id from standings t)
  union
  select s.month_start
  from slices s
  join (
    (select * from new_masks except select * from masked_days)
    union
    (select * from masked_days except select * from new_masks)
  ) d on d.slice_id = s.slice_id
  where s.is_live and s.month_start is not null
) m
