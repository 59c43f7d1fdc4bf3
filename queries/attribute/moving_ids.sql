-- moving_ids: one row per id that a move may have reached, and each id that it lies in (part_id), itself and its resource group included.
-- Why: what moves either came by a move or was written in a group that something was moved out of. With the ids of all its ancestors, moves and
-- deletes are joined by equality; the levels are those of ancestors, and 18 is the id itself.
select
  k.resource_id,
  case when k.depth = 18 then k.resource_id else substring_index(k.resource_id, '/', k.depth + 1) end as part_id
from (
  select n.resource_id, explode(sequence(4, 18, 2)) as depth
  from (
    select m.new_id as resource_id
    from moves m
    union
    select w.resource_id
    from direct_writes w
    semi join (
      select substring_index(m.old_id, '/', 5) as group_id
      from moves m
    ) g
      on g.group_id = substring_index(w.resource_id, '/', 5)
  ) n
) k
where k.depth = 18 or k.depth < length(k.resource_id) - length(replace(k.resource_id, '/', ''))
