-- 1 when the ledger has its tables, 0 when a run was stopped before they were made.
select count(*) from duckdb_tables() where database_name = 'ledger' and table_name = 'ledger_info'
