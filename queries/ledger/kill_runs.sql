-- who still says that it is running lost the lock without a word.
update runs set result = ? where result = ?
