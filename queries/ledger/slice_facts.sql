-- slice_facts: one row per slice that counts, with the facts that decide which of its rows count beside other slices (SPEC 3.2). export_group: the
-- same for all runs of one export; a plain file has its own. kind and scope_rank: how wide the scope is. is_loose: nothing says what the slice
-- covers, so its rows decide. submitted_at of a plain file is when it was last written. days_*: the days that it owns; declared_*: those that it
-- claims to cover, for plain files from the first to the last row; a run whose range is wrong covers the days of its rows. title and run_title are
-- for people.
select s.slice_id,
  case when s.month_start is null then s.slice_id else s.export_group end as export_group,
  s.scope,
  split_part(s.scope, '/', -2) as kind,
  s.scope_rank,
  s.month_start is null as is_plain,
  s.month_start is null or s.scope_rank = 0 as is_loose,
  coalesce(case when s.month_start is null then f.modified_at else s.submitted_at end, timestamp '1970-01-01') as submitted_at,
  coalesce(s.days_from, date '0001-01-01') as days_from,
  coalesce(s.days_to, date '9999-12-31') as days_to,
  case when s.range_start is null then d.first_day when s.days_from > s.range_end or s.days_to < s.range_start then s.days_from else s.range_start end as declared_from,
  case when s.range_start is null then d.last_day when s.days_from > s.range_end or s.days_to < s.range_start then s.days_to else s.range_end end as declared_to,
  case
    when s.month_start is null then coalesce(s.source_paths[1], s.slice_id)
    when s.scope like 'folder:%' then trim(substring(s.scope, 8) || '/' || s.export_name, '/')
    else s.scope || ' ' || s.export_name
  end as title,
  case
    when s.month_start is null then coalesce(s.source_paths[1], s.slice_id)
    when s.scope like 'folder:%' then trim(substring(s.scope, 8) || '/' || s.export_name, '/') || ' run ' || s.export_run_id
    else s.scope || ' ' || s.export_name || ' run ' || s.export_run_id
  end as run_title
from slices s
left join (select slice_id, max(modified_at) as modified_at from files group by slice_id) f on f.slice_id = s.slice_id
left join (select slice_id, min(usage_date) as first_day, max(usage_date) as last_day from usage_days group by slice_id) d on d.slice_id = s.slice_id
where s.is_live
