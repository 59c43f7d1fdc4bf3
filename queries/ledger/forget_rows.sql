-- counts rows of a file that were loaded and are forgotten.
update files set rows_loaded = rows_loaded - ?, kinds = ? where path = ?
