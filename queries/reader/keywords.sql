-- One row per word that SQL keeps for itself, for the completion of the shell.
select keyword_name
from duckdb_keywords()
where keyword_category = 'reserved'
order by keyword_name
