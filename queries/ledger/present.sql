-- the records of contested keys that the ledger has.
select *
from held
semi join contested using (dedupe_key)
