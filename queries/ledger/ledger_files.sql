-- one row per Parquet file of the ledger: its size and hash when it was written, and its inode and time when it was last found to be intact.
select path, bytes, sha256, inode, modified_ns
from ledger.ledger_files
