-- deletes: one row per deletion of $resource, its group or another ancestor, with the record that says so.
-- Why: these end its lifetimes.
select resource_id, ts, deleted_id, evidence, src_file as file, src_ordinal as record
from deletes
where resource_id = $resource
order by ts
