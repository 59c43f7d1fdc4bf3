-- owners: one row per written resource and span of days with one owner, or one reason to have none; spans are closed and disjoint.
-- Why: whose a resource is, by its own writes; resource_spans has the judgement of every resource with usage, inherited ones too.
select o.resource_id, o.date_from, o.date_to, o.status, o.tracking_id, o.correlation_id, o.method, o.rule, o.date_from as on_day
from owner_spans o
