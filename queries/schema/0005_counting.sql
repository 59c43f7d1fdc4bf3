-- Schema version 5: what decides which usage counts. Days are kept by who bills them, too; they are made again for every slice.

drop table slice_days;

-- usage_days of each slice, made once when the slice is loaded
create table slice_days (
  slice_id varchar not null, subscription_key varchar not null, usage_date date not null, month_start date not null, cost_basis varchar,
  billing_account_id varchar not null, billing_profile_id varchar not null, billing_account varchar not null, billing_profile varchar not null,
  customer_tenant_id varchar, currency varchar, usage_rows bigint not null, used_rows bigint not null,
  billed_cost decimal(38,18), effective_cost decimal(38,18)
);

-- pair_days of each pair of slices that was in question: what two slices hold of the same subscription and day: made once, for slices never change
create table slice_pairs (
  slice_id varchar not null, other_id varchar not null, subscription_key varchar not null, usage_date date not null,
  usage_rows bigint not null, other_rows bigint not null, shared_rows bigint not null,
  charges bigint not null, other_charges bigint not null, shared_charges bigint not null, shares_group boolean not null
);

-- what the rows of an export run say of it, whether it counts or not: the billing accounts (with | between) and the agreement that they name, and the spans
-- of days that they are of (FROM..TO, with commas between), NULL while they were not all read
create table run_contents (
  run_key varchar not null, change_token varchar not null, accounts varchar not null, agreement varchar not null, days varchar
);

-- the days on which the rows of a run are its own, both included; NULL for plain files
alter table slices add column days_from date;
alter table slices add column days_to date;
update slices set days_from = case when is_whole then month_start else range_start end,
  days_to = case when is_whole then greatest(last_day(month_start), range_end) else range_end end
where month_start is not null;

-- months are judged again: what they were judged by looks different now
delete from judgement;
delete from judged_months;
