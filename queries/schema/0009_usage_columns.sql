-- Schema version 9. What columns `usage` has stands in usage_columns.csv: the table that held them once more, without rows, is not needed.

drop table usage_columns;
