-- Schema version 8: the ledger knows its files, and which ledger it is.

-- one row per file of usage and of judged months that the ledger ever meant to keep, entered before the file is moved to its place: what is not here
-- was not written for this ledger. path is relative to the folder of the ledger; inode and modified_ns (since 1970) are those under which
-- the bytes were last found to be right, 0 where the system has no inodes.
create table ledger_files (
  path varchar not null,
  bytes bigint not null,
  sha256 varchar not null,
  inode bigint not null,
  modified_ns bigint not null
);

-- one row: which ledger this is, and how often something was completed in it. The file ledger.id beside it says the same, so that a database of
-- another ledger, or an older copy of this one, is not taken for the one that the files belong to.
create table ledger_identity (
  ledger_id varchar not null,
  completed bigint not null
);
insert into ledger_identity values (cast(uuid() as varchar), 0);

-- months are judged again: it is not known what bytes were written for them
delete from judgement;
delete from judged_months
