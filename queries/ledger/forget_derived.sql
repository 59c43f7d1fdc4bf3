-- what runs derived from the ledger is out of date: the days of slices that are no more, what pairs of slices hold (which the next run asks
-- again), and all judged months.
delete from slice_days where slice_id not in (select slice_id from slices);
delete from slice_pairs;
delete from judgement;
delete from judged_months
