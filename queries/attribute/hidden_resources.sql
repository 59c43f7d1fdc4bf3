-- hidden_resources: one row per resource whose usage is all excluded.
-- Why: the id of a reservation, or of a resource whose rows name another subscription, does not tell whose it is; what is published shows no such
-- resource (SPEC 5.I).
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
