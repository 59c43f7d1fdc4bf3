-- remembers the changes that the reports just published, and what they say now.
insert into restatements by name select * from new_restatements;
delete from replaced_months;
delete from reported;
insert into reported by name
select c.month_start, c.currency, c.status, c.usage_rows, c.billed_cost, c.effective_cost, p.run_id
from coverage_sums c
cross join params p
