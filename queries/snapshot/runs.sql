-- runs: one row per run of pidledger on the ledger.
-- Why: when what was read, by which version.
select r.run_id, r.command, r.started_at, r.ended_at, r.result, r.version, r.files_read, r.rows_read, r.rows_rejected
from runs r
