-- one row: which ledger the database belongs to, and how many changes it has completed.
select ledger_id, completed
from ledger.ledger_identity
