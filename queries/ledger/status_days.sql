-- one row per export and day with counting usage; `usage` is the view over all slices.
select distinct coalesce(scope, '') as scope, coalesce(export_name, '') as export_name, coalesce(cost_basis, '') as cost_basis, usage_date
from usage
where usage_date is not null
order by all
