-- marks the export runs that count, and stores what is now known of their days, which may have changed once their rows were read.
update slices
set is_live = true, export_group = t.export_group, time_frame = t.time_frame, is_whole = t.is_whole, scope_rank = t.scope_rank,
  days_from = t.days_from, days_to = t.days_to
from standings t
where t.slice_id = slices.slice_id
  and (not slices.is_live or slices.export_group <> t.export_group or slices.time_frame is distinct from t.time_frame or slices.is_whole <> t.is_whole
    or slices.scope_rank <> t.scope_rank or slices.days_from is distinct from t.days_from or slices.days_to is distinct from t.days_to)
