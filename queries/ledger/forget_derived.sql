-- removes what is out of date because runs derived it from the ledger: the days of slices that no longer exist, what pairs of slices hold (the next
-- run compares them again), and all judged months.
delete from slice_days where slice_id not in (select slice_id from slices);
delete from slice_pairs;
delete from judgement;
delete from judged_months
