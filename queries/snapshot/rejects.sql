-- rejects: one row per input row that could not be used, with its place and why.
-- Why: every input row is accounted for (SPEC 3.1).
select r.path, r.record, r.line, r.column_name, r.value, r.reason, r.run_id
from rejects r
