-- one row per file and kind of the records that were just dropped because they belong to a forgotten customer.
select src_file, kind, count(*) as records
from marked_rows
where is_gone and kind is not null
group by src_file, kind
