-- resource_spans: one row per resource with usage and span of days, with its status, reason and owner; the spans of a resource cover
-- all days, each once.
-- Why: the judgement of every usage row of that resource and span. A resource without writes is judged by its subject (SPEC 5.F). Days
-- after a deletion are deleted; days before the first write, and resources without any, are untagged when evidence of their
-- subscription reaches back to their first day of usage, else no_evidence (SPEC 5.G, 5.I).
select
  r.resource_id,
  r.date_from,
  r.date_to,
  r.subject_id,
  r.status,
  case
    when r.status <> 'unattributed' then cast(null as string)
    when r.rule = 'deleted' then 'deleted'
    when g.resource_id is not null then 'moved'
    when r.rule = 'first_write_untagged' or e.first_date <= u.first_usage_date then 'untagged'
    else 'no_evidence'
  end as reason,
  r.tracking_id,
  r.correlation_id,
  case when r.tracking_id is not null then coalesce(r.inherited_method, r.method) end as method,
  r.rule,
  x.since as excluded_since
from (
  select s.resource_id, o.date_from, o.date_to, s.subject_id, s.method as inherited_method, o.status, o.tracking_id, o.correlation_id, o.method, o.rule
  from subjects s
  join owner_spans o on o.resource_id = s.subject_id
  union all
  select s.resource_id, n.date_from, n.date_to, s.subject_id, s.method as inherited_method, 'unattributed' as status,
    cast(null as string) as tracking_id, cast(null as string) as correlation_id, cast(null as string) as method, n.rule
  from subjects s
  join ownerless_spans n on n.resource_id = s.subject_id
) r
join usage_resources u on u.resource_id = r.resource_id
left join moved_ids g on g.resource_id = r.resource_id
left join evidence_starts e on e.subscription_id = u.subscription_id
left join excluded_groups x on x.resource_group_id = u.resource_group_id
