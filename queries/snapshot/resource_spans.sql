-- resource_spans: one row per resource with usage and span of days, with its status, its reason, and the resource that judges it (subject_id).
-- Why: the status of any usage row follows from its resource and day. Of a subscription that a customer who opted out had before only what
-- another uses since, from the day on which it changed hands.
select
  s.resource_id,
  case when v.shown_from > s.date_from then v.shown_from else s.date_from end as date_from,
  s.date_to,
  s.subject_id,
  s.status,
  s.reason,
  s.tracking_id,
  s.correlation_id,
  s.method,
  s.rule,
  case when v.shown_from <= s.date_to then s.date_to end as on_day
from resource_spans s
left join shown_resources v on v.resource_id = s.resource_id
where s.excluded_since is null
