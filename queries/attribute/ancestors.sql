-- ancestors: one row per known id and each of its ancestors, resource groups included, with the ancestor's depth in segments.
-- Why: children are deleted with their ancestors and inherit from them, always at a `/` boundary (SPEC 5.C, 5.F). ARM ids have an
-- even number of segments at every level; within a resource group the level of six segments is a provider's name only.
-- An id without as many parts has NULL there, which no join finds; as a filter the pattern would be matched twice.
select a.resource_id, nullif(a.ancestor_id, '') as ancestor_id, a.depth
from (
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){4}', 0) as ancestor_id, 4 as depth from known_ids k where k.segments > 4
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){6}', 0) as ancestor_id, 6 as depth from known_ids k where k.segments > 6 and k.resource_id not like '/subscriptions/%/resourcegroups/%'
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){8}', 0) as ancestor_id, 8 as depth from known_ids k where k.segments > 8
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){10}', 0) as ancestor_id, 10 as depth from known_ids k where k.segments > 10
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){12}', 0) as ancestor_id, 12 as depth from known_ids k where k.segments > 12
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){14}', 0) as ancestor_id, 14 as depth from known_ids k where k.segments > 14
  union all
  select k.resource_id, regexp_extract(k.resource_id, '^(/[^/]+){16}', 0) as ancestor_id, 16 as depth from known_ids k where k.segments > 16
) a
