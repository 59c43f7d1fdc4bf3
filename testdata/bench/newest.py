"""Runs an SQL script in the DuckDB of this Python, in the data folder: newest.py BYTES_OF_MEMORY THREADS SCRIPT"""
import sys
import duckdb

config = {"memory_limit": sys.argv[1] + "B", "temp_directory": "spill-newest"}
if sys.argv[2] != "0":
    config["threads"] = sys.argv[2]
duckdb.connect(config=config).execute(sys.argv[3])
