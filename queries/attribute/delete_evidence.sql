-- delete_evidence: one row per resource, or resource group, and time at which it was deleted.
-- Why: several records may show the same deletion; lifetimes need it once.
select d.resource_id, d.ts
from delete_records d
group by d.resource_id, d.ts
