-- Schema version 3: what was made of each month stays, so that a run judges only the months that something changed for.

-- usage_days of each slice, made once when the slice is loaded
create table slice_days (
  slice_id varchar not null, subscription_key varchar not null, usage_date date not null, month_start date not null, cost_basis varchar,
  customer_tenant_id varchar, currency varchar, usage_rows bigint not null, billed_cost decimal(38,18), effective_cost decimal(38,18)
);

-- at most one row: the attribution that judged_months belong to, and a digest of the settings and the program that it was made with; its
-- folder in judged/ holds the tables that the months were judged by
create table judgement (
  run_id varchar not null,
  made_with varchar not null
);

-- one row per month with usage that counts, and the run that judged it last: judged/<run_id> holds its rows
create table judged_months (
  month varchar not null,
  run_id varchar not null
);
