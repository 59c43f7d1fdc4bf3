-- known_ids: one row per resource id that usage or a write names.
-- Why: the ids whose ancestors are looked up; a row per id, not per usage row.
select w.resource_id from writes w
union
select u.resource_id from usage_resources u
