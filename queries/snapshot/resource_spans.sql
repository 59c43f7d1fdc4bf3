-- resource_spans: one row per resource with usage and span of days, with its status, its reason, and the resource that judges it (subject_id).
-- Why: the status of any usage row follows from its resource and day.
select s.resource_id, s.date_from, s.date_to, s.subject_id, s.status, s.reason, s.tracking_id, s.correlation_id, s.method, s.rule
from resource_spans s
left join hidden_ids h on h.id = split_part(s.resource_id, '/', 3)
where h.id is null and s.excluded_since is null
