-- one row: how many rows of usage the ledger holds.
select cast(coalesce(sum(usage_rows), 0) as bigint) as usage_rows
from slices
