-- puts what is known of files of the ledger in place of what was known before.
delete from ledger_files where path in (select path from temp.entered_files);
insert into ledger_files by name from temp.entered_files
