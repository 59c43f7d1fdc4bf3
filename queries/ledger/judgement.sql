-- at most one row: the run that judged last, and a digest of its settings and program.
select run_id, made_with
from judgement
