-- hidden_resources: one row per resource of which all usage is excluded.
-- Why: a reservation, or a row whose subscription is not that of its resource, has no id that tells whose it is; what is published shows no
-- such resource (SPEC 5.I).
select u.resource_id
from usage_resources u
left join (
  select s.resource_id
  from status_sums s
  union
  select i.resource_id
  from id_resources i
) r on r.resource_id = u.resource_id
where r.resource_id is null
