-- the slices of the catalog that have rows, each with the usage folder that holds them.
select coalesce(p.pack, s.slice_id) as folder, s.slice_id
from slices s
left join slice_packs p on p.slice_id = s.slice_id
where s.usage_rows > 0
order by 1, 2
