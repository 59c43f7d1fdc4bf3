-- what a run has read.
update runs set files_read = ?, rows_read = ?, rows_rejected = ? where run_id = ?
