-- removes the current judgements from the catalog, before others replace them.
delete from judgement;
delete from judged_months
