-- 1 if the ledger has its tables, 0 if a run was stopped before it created them.
select count(*) from duckdb_tables() where database_name = 'ledger' and table_name = 'ledger_info'
