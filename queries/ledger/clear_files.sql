-- makes room for what became of files that were read again, and takes out those that are gone.
delete from files where path in (select path from temp.touched_files);
delete from rejects where path in (select path from temp.touched_files)
