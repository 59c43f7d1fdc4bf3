-- staged deployment records with their key: deployment id, correlation id and name (PowerShell knows no id).
select
  s.*,
  concat_ws(' ', coalesce(s.dep_id, '-'), coalesce(s.correlation_id, '-'), coalesce(s.name, '-')) as dedupe_key
from staged_files s
where s.src_file not in (select f.path from failed_files f)
