-- One row: how many rows a Parquet file has, after every cell was read.
select count(hash(t)) from read_parquet(?, hive_partitioning = false) t
