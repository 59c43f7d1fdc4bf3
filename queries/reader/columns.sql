-- One row per column of the snapshot's tables, tables by name, columns in their order.
select table_name, column_name, data_type
from duckdb_columns()
where database_name = 'memory' and not internal
order by table_name, column_index
