-- a run that is still entered as running has lost the lock without ending.
update runs set result = ? where result = ?
