-- an imported ledger is a ledger of its own from now on; judged months are not part of a backup.
update ledger_identity set ledger_id = cast(uuid() as varchar), completed = 0;
delete from ledger_files where not starts_with(path, 'usage/')
