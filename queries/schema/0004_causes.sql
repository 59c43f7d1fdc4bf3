-- Schema version 4: why a month that was reported has changed. Until now replaced usage alone left a trace.
alter table restatements add column cause varchar default 'usage';

-- at most one row: digests of what the reports last published were made from, and the generation of the evidence
create table reported_from (
  settings varchar not null,
  program varchar not null,
  exclusions varchar not null,
  registry varchar not null,
  evidence bigint not null
);

-- one row per month with usage delivered when the reports were last published, and a digest of what was delivered
create table reported_usage (
  month_start date not null,
  digest varchar not null
);
