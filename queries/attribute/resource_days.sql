-- resource_days: one row per resource and day with counted usage, with its status, owner and reason.
-- Why: every usage row of that resource and day shares this judgement; it is made once and joined back by resource and day.
-- Of several lifetimes on one day the one that started last decides (SPEC 5.G).
select
  r.resource_id,
  r.usage_date,
  r.subject_id,
  coalesce(r.status, 'unattributed') as status,
  case
    when coalesce(r.status, 'unattributed') <> 'unattributed' then cast(null as string)
    when r.status is null and r.is_deleted then 'deleted'
    when r.is_moved then 'moved'
    when r.is_written and (r.status is not null or r.evidence_date <= r.first_usage_date) then 'untagged'
    when r.evidence_date <= r.first_usage_date then 'untagged'
    else 'no_evidence'
  end as reason,
  r.tracking_id,
  r.correlation_id,
  case when r.tracking_id is not null then coalesce(r.inherited_method, r.method) end as method,
  coalesce(r.rule, 'no_lifetime') as rule
from (
  select
    d.resource_id,
    d.usage_date,
    s.subject_id,
    s.method as inherited_method,
    o.status,
    o.tracking_id,
    o.correlation_id,
    o.method,
    o.rule,
    f.first_date is not null and f.first_date <= d.usage_date as is_deleted,
    f.first_date is not null as is_written,
    g.resource_id is not null as is_moved,
    e.first_date as evidence_date,
    u.first_usage_date,
    row_number() over (
      partition by d.resource_id, d.usage_date
      order by o.began_at desc nulls last, o.precedence desc nulls last, o.correlation_id asc nulls last
    ) as choice
  from (select distinct c.resource_id, c.usage_date from counted_usage c where c.resource_id is not null and c.is_usage) d
  join usage_resources u on u.resource_id = d.resource_id
  join subjects s on s.resource_id = d.resource_id
  left join owners o on o.resource_id = s.subject_id and d.usage_date >= o.date_from and d.usage_date <= o.date_to
  left join (select l.resource_id, cast(min(l.start_ts) as date) as first_date from lifetimes l group by l.resource_id) f on f.resource_id = s.subject_id
  left join moved_ids g on g.resource_id = d.resource_id
  left join evidence_starts e on e.subscription_id = u.subscription_id
) r
where r.choice = 1
