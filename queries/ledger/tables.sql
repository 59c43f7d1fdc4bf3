-- one row per table of the ledger database, for code that treats all tables alike (backups).
select table_name
from duckdb_tables()
where database_name = 'ledger' and not internal and not temporary
order by table_name
