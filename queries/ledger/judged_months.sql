-- one row per judged month, with the run that judged it.
select month, run_id
from judged_months
