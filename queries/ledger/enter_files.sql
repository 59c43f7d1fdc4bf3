-- replaces what the catalog knows about files of the ledger.
delete from ledger_files where path in (select path from temp.entered_files);
insert into ledger_files by name from temp.entered_files
