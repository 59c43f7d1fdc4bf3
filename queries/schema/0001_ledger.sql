-- Schema version 1 of the ledger database: catalog and evidence. Usage rows are Parquet slices beside it (SPEC 3.4).
-- No primary keys and no indexes: uniqueness is kept by the merge statements in queries/load and proven by tests.
-- The evidence tables stand in evidence_columns.csv, with the version that each of their columns came in.

create table ledger_info (
  schema_version integer not null,
  created_at timestamp not null,
  created_by varchar not null
);

-- one row per run of pidledger on this ledger
create table runs (
  run_id varchar not null,
  command varchar not null,
  started_at timestamp not null,
  ended_at timestamp,
  result varchar not null,
  version varchar not null,
  files_read bigint not null,
  rows_read bigint not null,
  rows_rejected bigint not null
);

-- one row per input file that was ever seen, with what became of it; read_as is a digest of the source settings it was read under
create table files (
  path varchar not null,
  size bigint not null,
  modified_at timestamp not null,
  content_hash varchar,
  read_as varchar not null,
  status varchar not null,
  format varchar,
  reason varchar,
  slice_id varchar,
  rows_read bigint not null,
  rows_loaded bigint not null,
  rows_rejected bigint not null,
  kinds varchar,
  run_id varchar not null
);

-- one row per input row that could not be used
create table rejects (
  path varchar not null,
  record bigint,
  line bigint,
  column_name varchar,
  value varchar,
  reason varchar not null,
  run_id varchar not null
);

-- one row per export run (or plain usage file) whose rows are in usage/<slice_id>; range_* is the declared range, both days included,
-- NULL where nothing declares one; scope_rank is greater for wider scopes; is_live tells whether its rows count, masked_days which of its days (closed spans) newer runs replaced
create table slices (
  slice_id varchar not null,
  run_key varchar not null,
  export_group varchar not null,
  manifest_path varchar,
  export_type varchar,
  scope varchar not null,
  cost_basis varchar not null,
  export_name varchar not null,
  run_id varchar,
  submitted_at timestamp,
  time_frame varchar,
  is_whole boolean not null,
  month_start date,
  range_start date,
  range_end date,
  scope_rank integer not null,
  change_token varchar not null,
  source_kind varchar,
  schema_version varchar,
  usage_rows bigint not null,
  rows_rejected bigint not null,
  is_live boolean not null,
  source_paths varchar[] not null,
  loaded_in varchar not null
);

create table masked_days (
  slice_id varchar not null,
  date_from date not null,
  date_to date not null
);

create table registrations (
  tracking_id varchar, mpn_id varchar, offer varchar, sku varchar, channel varchar, description varchar,
  registered_at date, retired_at date, kind varchar, src_file varchar, src_record bigint
);

create table exclusions (
  scope varchar, scope_kind varchar, scope_id varchar, reason varchar, since date
);

create table customers (
  subscription_id varchar, customer_tenant_id varchar, customer_name varchar
);

-- one row for each time that evidence was merged; what was made from older evidence is out of date
create table evidence_generation (
  generation bigint not null
);

-- what the reports last said of each month, currency and status
create table reported (
  month_start date not null,
  currency varchar,
  status varchar not null,
  usage_rows bigint not null,
  billed_cost decimal(38,18),
  effective_cost decimal(38,18),
  run_id varchar not null
);

-- months in which a slice was replaced since the reports were last written, with the time of the latest replacement
create table replaced_months (
  month_start date not null,
  replaced_at timestamp not null
);

-- one row per change of a month that had been reported before: what the reports said and what they say since
create table restatements (
  month_start date not null,
  currency varchar,
  status varchar not null,
  replaced_at timestamp not null,
  old_billed_cost decimal(38,18),
  new_billed_cost decimal(38,18),
  old_effective_cost decimal(38,18),
  new_effective_cost decimal(38,18),
  old_usage_rows bigint not null,
  new_usage_rows bigint not null,
  difference decimal(38,18),
  old_run varchar,
  new_run varchar
);

-- every tracking id that any run has seen, with the run that saw it first: what makes an id new
create table seen_ids (
  tracking_id varchar not null,
  run_id varchar not null
);

-- no rows: the columns of a usage slice, so that `usage` exists before the first slice does
create table usage_columns (
  source_kind varchar, schema_version varchar, cost_basis varchar, scope varchar, export_name varchar, run_id varchar,
  submitted_at timestamp, blob_name varchar, row_no bigint, slice_id varchar,
  usage_date date, billing_period date, billing_period_start date, billing_period_end date, invoice_id varchar,
  resource_id_raw varchar, resource_id varchar, resource_id_kind varchar, subscription_id varchar, resource_group varchar,
  resource_type varchar,
  quantity decimal(38,18), unit varchar, billed_cost decimal(38,18), effective_cost decimal(38,18), billing_currency varchar,
  cost_usd decimal(38,18), list_cost decimal(38,18), pricing_currency varchar, exchange_rate decimal(38,18),
  meter_id varchar, meter_name varchar, meter_category varchar, meter_subcategory varchar, service_family varchar, product_name varchar,
  charge_class varchar, charge_type_raw varchar, is_usage boolean, pricing_model varchar, benefit_id varchar, publisher_type varchar,
  publisher_name varchar, frequency varchar,
  billing_account_id varchar, billing_profile_id varchar, invoice_section_id varchar, customer_tenant_id varchar, customer_name varchar,
  partner_tenant_id varchar, reseller_mpn_id varchar, pec_applied varchar, pec_rate decimal(38,18),
  tags varchar, tags_raw varchar, additional_info varchar, extra varchar
);
