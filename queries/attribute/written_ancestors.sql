-- written_ancestors: one row per resource with usage but no write of its own, and its nearest ancestor that has one.
-- Why: such a resource takes its ancestor's owner and status, whatever they are (SPEC 5.F). Resource groups are not ancestors.
select r.resource_id, r.ancestor_id
from (
  select
    a.resource_id,
    a.ancestor_id,
    row_number() over (partition by a.resource_id order by a.depth desc nulls last) as nearness
  from ancestors a
  cross join params p
  semi join usage_resources u on u.resource_id = a.resource_id
  semi join writes w on w.resource_id = a.ancestor_id
  anti join writes own on own.resource_id = a.resource_id
  where p.inherit_children
    and not (a.depth = 4 and a.ancestor_id like '/subscriptions/%')
) r
where r.nearness = 1
