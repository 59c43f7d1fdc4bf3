-- at most one row: the run that judged last, and a digest of the settings and the program it did so with.
select run_id, made_with
from judgement
