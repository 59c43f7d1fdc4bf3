-- lint_never_seen: one row per registered tracking id that no deployment and no call carried.
-- Why: its template was never used, or it carries another id.
select t.tracking_id
from tracking_ids t
where t.first_seen is null
order by t.tracking_id
