-- the rows of the slices in view, without the days that a newer export run replaced. Columns that no slice in view has come from no_usage.
select *
from no_usage
union all by name
select u.*
from slice_rows u
anti join ledger.masked_days m on m.slice_id = u.slice_id and u.usage_date between m.date_from and m.date_to
