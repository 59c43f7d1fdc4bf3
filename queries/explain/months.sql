-- months: one row per month with usage of anybody.
-- Why: a month without usage of a resource in which there are exports tells that it was gone, or that its export was restated.
select distinct month
from coverage
order by month
