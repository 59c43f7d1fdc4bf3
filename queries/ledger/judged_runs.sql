-- the runs with current judgements: the last one, and those that last judged some month.
select run_id from judgement
union
select run_id from judged_months
order by run_id
