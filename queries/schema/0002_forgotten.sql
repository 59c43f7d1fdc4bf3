-- Schema version 2: what `pidledger forget` took back.

-- one row per delivery or customer that was taken back. kind is file, run (a run of an export, or of pidledger), subscription or tenant. value
-- names it: the path or pattern of files, the id of a run; of a customer the SHA-256 of the lower-case id, for the id itself must not be
-- kept. Files that were taken back have the status forgotten in the table files.
create table forgotten (
  kind varchar not null,
  value varchar not null,
  forgotten_at timestamp not null
);
