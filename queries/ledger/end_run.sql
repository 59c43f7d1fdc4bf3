-- how a run ended.
update runs set result = ?, ended_at = ? where run_id = ?
