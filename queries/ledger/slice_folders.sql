-- the usage folders, and how many slices and rows of the catalog each holds; is_pack: the folder may also hold rows of slices that are gone.
select coalesce(p.pack, s.slice_id) as folder, bool_or(p.pack is not null) as is_pack, count(*) as slices, cast(sum(s.usage_rows) as bigint) as usage_rows
from slices s
left join slice_packs p on p.slice_id = s.slice_id
group by 1
order by 1
