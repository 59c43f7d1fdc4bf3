-- one row: the schema of the file that the rows of one slice were read from.
select coalesce(min(source_kind), '') as source_kind
from asked_slice
