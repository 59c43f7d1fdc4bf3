-- takes the files that were removed out of the catalog.
delete from ledger_files where path in (select path from temp.swept_files)
