-- months: one row per month with usage, also with nothing but purchases.
-- Why: the newest says what is compared, and with what.
select distinct month from coverage order by month asc nulls first
