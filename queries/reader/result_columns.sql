-- One row per column of the table that holds the result of a query, in order.
select column_name, data_type
from duckdb_columns()
where database_name = 'temp' and table_name = $1
order by column_index
