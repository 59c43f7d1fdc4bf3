-- one row per slice with rows in a usage folder: what it holds, for the person who must deliver it again.
select
  coalesce(p.pack, s.slice_id) as folder,
  s.slice_id,
  s.export_name,
  s.export_run_id,
  s.month_start is not null as is_run,
  cast(coalesce((select min(d.usage_date) from slice_days d where d.slice_id = s.slice_id), s.range_start) as varchar) as first_day,
  cast(coalesce((select max(d.usage_date) from slice_days d where d.slice_id = s.slice_id), s.range_end) as varchar) as last_day,
  s.source_paths[1] as source_path,
  len(s.source_paths) as sources
from slices s
left join slice_packs p on p.slice_id = s.slice_id
where coalesce(p.pack, s.slice_id) = ? and s.usage_rows > 0
order by s.slice_id
