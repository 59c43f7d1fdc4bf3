-- known_ids: one row per resource id that usage or a write names, with its number of segments.
-- Why: the ids whose ancestors are looked up; a row per id, not per usage row.
select k.resource_id, length(k.resource_id) - length(replace(k.resource_id, '/', '')) as segments
from (
  select w.resource_id from writes w
  union
  select u.resource_id from usage_resources u
) k
