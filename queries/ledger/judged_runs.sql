-- the runs whose judgements stand: the last one, and those that some month was judged by.
select run_id from judgement
union
select run_id from judged_months
order by run_id
