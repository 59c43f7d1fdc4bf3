-- ancestors: one row per known id and each of its ancestors, resource groups included, with the ancestor's depth in segments.
-- Why: children are deleted with their ancestors and inherit from them, always at a `/` boundary (SPEC 5.C, 5.F). ARM ids have an even number of
-- segments at every level; within a resource group the level of six segments is only a provider's name.
-- Example: /subscriptions/S/resourcegroups/G/providers/Microsoft.Sql/servers/A/databases/B lies in /subscriptions/S/resourcegroups/G (depth 4) and
-- in .../servers/A (depth 8). An id with an empty segment before that depth has NULL there, which no join matches. The patterns are constants,
-- because those are compiled once.
select
  k.resource_id,
  nullif(case k.depth
    when 4 then regexp_extract(k.resource_id, '^(/[^/]+){4}', 0)
    when 6 then regexp_extract(k.resource_id, '^(/[^/]+){6}', 0)
    when 8 then regexp_extract(k.resource_id, '^(/[^/]+){8}', 0)
    when 10 then regexp_extract(k.resource_id, '^(/[^/]+){10}', 0)
    when 12 then regexp_extract(k.resource_id, '^(/[^/]+){12}', 0)
    when 14 then regexp_extract(k.resource_id, '^(/[^/]+){14}', 0)
    when 16 then regexp_extract(k.resource_id, '^(/[^/]+){16}', 0)
  end, '') as ancestor_id,
  cast(k.depth as int) as depth
from (
  select resource_id, segments, explode(sequence(4, 16, 2)) as depth
  from known_ids
) k
where k.depth < k.segments
  and (k.depth <> 6 or k.resource_id not like '/subscriptions/%/resourcegroups/%')
