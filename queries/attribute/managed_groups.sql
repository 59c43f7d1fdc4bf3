-- managed_groups: one row per resource group that a resource manages: an AKS cluster's MC_<group>_<cluster>_<region>, or the group that names its
-- manager in managedBy.
-- Why: with inherit_managed_groups, the resources in such a group follow its manager (SPEC 5.F). Names may contain underscores, so the group's name
-- is compared with those of known clusters instead of being split.
select g.resource_group_id, min(g.manager_id) as manager_id
from (
  select r.resource_group_id, c.resource_id as manager_id
  from (
    select distinct
      regexp_extract(k.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0) as resource_group_id
    from known_ids k
    where k.resource_id like '/subscriptions/%/resourcegroups/mc_%/providers/%'
  ) r
  join (
    select
      k.resource_id,
      split_part(k.resource_id, '/', 3) as subscription_id,
      'mc_' || split_part(k.resource_id, '/', 5) || '_' || split_part(k.resource_id, '/', 9) as group_stem
    from known_ids k
    where k.resource_id like '%/providers/microsoft.containerservice/managedclusters/%'
      and split_part(k.resource_id, '/', 10) = ''
  ) c
    on c.subscription_id = split_part(r.resource_group_id, '/', 3)
    and c.group_stem = regexp_extract(split_part(r.resource_group_id, '/', 5), '^(.*)_[^_]*$', 1)
  union all
  select a.resource_id as resource_group_id, a.managed_by as manager_id
  from activity a
  where a.managed_by is not null and a.resource_id is not null
) g
group by g.resource_group_id
