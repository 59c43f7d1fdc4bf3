-- one row: the last usage date that counts; NULL: there is no usage.
select max(usage_date) as data_through
from counted_days
