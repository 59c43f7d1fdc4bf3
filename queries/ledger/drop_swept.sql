-- removes from the catalog the files that were deleted.
delete from ledger_files where path in (select path from temp.swept_files)
