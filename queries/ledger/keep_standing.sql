-- a slice that is read again because its file was damaged keeps its standing: which slices count is decided when a run commits, which may not
-- happen.
update temp.new_slices n
set is_live = s.is_live, export_group = s.export_group, time_frame = s.time_frame, is_whole = s.is_whole, scope_rank = s.scope_rank,
  days_from = s.days_from, days_to = s.days_to
from slices s
where s.slice_id = n.slice_id
