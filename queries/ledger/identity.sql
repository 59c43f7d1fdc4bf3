-- one row: which ledger the database is of, and how many changes it has completed.
select ledger_id, completed
from ledger.ledger_identity
