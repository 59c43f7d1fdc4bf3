-- the version of pidledger that brought the ledger to its schema version.
select max_by(created_by, schema_version) as version
from ledger_info
