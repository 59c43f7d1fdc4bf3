-- enters a run that begins; what it reads is added when it commits, how it ends when it ends.
insert into runs (run_id, command, started_at, result, version, files_read, rows_read, rows_rejected)
values (?, ?, ?, ?, ?, 0, 0, 0)
