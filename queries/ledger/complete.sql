-- counts a change of the ledger that is complete.
update ledger_identity set completed = completed + 1
