-- One row per decimal column of a Parquet file that is wider than the 38 digits of DECIMAL: the engine reads such a column as DOUBLE, and
-- that wrongly.
select name, precision, scale
from parquet_schema(?)
where precision > 38
order by name
