-- resource: at most one row, the first days of usage of $resource.
-- Why: days before the first write, and evidence that does not reach back, are told from here.
select first_usage_date, first_positive_date
from resources
where resource_id = $resource
