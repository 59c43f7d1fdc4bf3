-- one row per month in which a resource with usage is judged otherwise than before, or its usage is credited otherwise.
-- Why: a resource that was deleted today has other spans, and yet nothing changes for the months before. So spans are compared as far as
-- they reach into a month with usage of their resource, and only those of resources of which anything changed. Rows are paired by their
-- key and compared as a whole: EXCEPT in both directions takes twice as long.
with changed_resources as (
  select distinct coalesce(n.resource_id, b.resource_id) as resource_id
  from resource_spans n
  full join resource_spans_before b on b.resource_id = n.resource_id and b.date_from = n.date_from
  where n is distinct from b
),
months_of_changed as (
  select m.month_start, m.resource_id, cast(m.month_start + interval 1 month - interval 1 day as date) as month_end
  from resource_months m
  semi join changed_resources using (resource_id)
),
now as (
  select s.* replace (greatest(s.date_from, m.month_start) as date_from, least(s.date_to, m.month_end) as date_to), m.month_start
  from months_of_changed m
  join resource_spans s on s.resource_id = m.resource_id and s.date_from <= m.month_end and s.date_to >= m.month_start
),
before as (
  select s.* replace (greatest(s.date_from, m.month_start) as date_from, least(s.date_to, m.month_end) as date_to), m.month_start
  from months_of_changed m
  join resource_spans_before s on s.resource_id = m.resource_id and s.date_from <= m.month_end and s.date_to >= m.month_start
),
changed_credits as (
  select distinct coalesce(n.resource_id, b.resource_id) as resource_id, coalesce(n.correlation_id, b.correlation_id) as correlation_id
  from credits n
  full join credits_before b on b.resource_id = n.resource_id and b.correlation_id = n.correlation_id and b.tracking_id = n.tracking_id
  where n is distinct from b
)
select month_start from (from now except from before)
union
select month_start from (from before except from now)
union
select m.month_start
from changed_credits c
join resource_spans s on s.subject_id = c.resource_id and s.correlation_id = c.correlation_id
join resource_months m
  on m.resource_id = s.resource_id
  and s.date_from <= cast(m.month_start + interval 1 month - interval 1 day as date) and s.date_to >= m.month_start
