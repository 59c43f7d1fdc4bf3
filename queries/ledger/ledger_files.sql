-- one row per Parquet file of the ledger: what it was when it was written, and the inode and time under which it was last found to be right.
select path, bytes, sha256, inode, modified_ns
from ledger.ledger_files
