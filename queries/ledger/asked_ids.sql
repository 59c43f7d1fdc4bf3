-- the slices whose rows are asked for in pairs.
select slice_id from asked_days
union
select other_id from asked_days
order by slice_id
