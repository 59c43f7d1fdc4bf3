-- removes the records of files that were read again or are gone.
delete from files where path in (select path from temp.touched_files);
delete from rejects where path in (select path from temp.touched_files)
