-- spans: one row per span of days of each of $resources (one a line), with its status and reason.
-- Why: the judgement of every usage row of the resource. Without usage there is none, then what its own writes say.
select
  resource_id, date_from, date_to, subject_id, status, reason, tracking_id, correlation_id, method, rule
from resource_spans
where resource_id in (select unnest(string_split($resources, chr(10))))
union all
select
  o.resource_id, o.date_from, o.date_to, o.resource_id as subject_id, o.status, cast(null as varchar) as reason, o.tracking_id, o.correlation_id,
  o.method, o.rule
from owners o
left join resources r on r.resource_id = o.resource_id
where r.resource_id is null and o.resource_id in (select unnest(string_split($resources, chr(10))))
order by resource_id, date_from
