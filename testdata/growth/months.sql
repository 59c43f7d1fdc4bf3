-- many currencies in a month that was reported before, and many inputs that changed since
insert into reported by name
select date '2026-01-01' as month_start, 'c' || i as currency, 'attributed' as status, 1 as usage_rows, 2 as billed_cost, 2 as effective_cost, 'before' as run_id from seq;
insert into changed_inputs by name
select 'usage' as input, date '2026-01-01' as month_start, hours(i) as changed_at from seq;
insert into restatements by name
select date '2026-01-01' as month_start, 'c' || i as currency, 'attributed' as status, hours(i) as replaced_at, 1 as old_usage_rows, 2 as new_usage_rows, 'usage' as cause from seq;
insert into runs by name
select 'run' || i as run_id, 'run' as command, hours(i) as started_at, 'done' as result, 'v' as version, 0 as files_read, 0 as rows_read, 0 as rows_rejected from seq;
