-- subjects: one row per resource with usage and the resource whose owners judge it: itself, an ancestor, or the manager of its group.
-- Why: inheritance is decided once per resource, not per usage row (SPEC 5.F). A resource in a managed group that has an owner of its own stays its
-- own subject.
select
  u.resource_id,
  case
    when m.manager_subject is not null and not coalesce(h.is_owned, 0) > 0 then m.manager_subject
    else coalesce(w.ancestor_id, u.resource_id)
  end as subject_id,
  case
    when m.manager_subject is not null and not coalesce(h.is_owned, 0) > 0 then 'managed_group'
    when w.ancestor_id is not null then 'inherited'
  end as method
from usage_resources u
left join written_ancestors w on w.resource_id = u.resource_id
left join (
  select x.resource_id, max(case when x.tracking_id is not null then 1 else 0 end) as is_owned
  from owners x
  group by x.resource_id
) h on h.resource_id = coalesce(w.ancestor_id, u.resource_id)
left join (
  select g.resource_group_id, coalesce(v.ancestor_id, g.manager_id) as manager_subject
  from managed_groups g
  left join written_ancestors v on v.resource_id = g.manager_id
  cross join params p
  where p.inherit_managed_groups
) m on m.resource_group_id = regexp_extract(u.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
