-- stores the changes that the reports just published, their current sums, and what they were made from.
insert into restatements by name select * from new_restatements;
delete from replaced_months;
delete from reported;
insert into reported by name
select c.month_start, c.currency, c.status, c.usage_rows, c.billed_cost, c.effective_cost, p.run_id
from coverage_sums c
cross join params p;
delete from reported_from;
insert into reported_from by name select * from inputs_now;
delete from reported_usage;
insert into reported_usage by name select * from delivered_usage
