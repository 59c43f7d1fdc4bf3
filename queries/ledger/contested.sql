-- the keys of staged evidence that occur twice or are already in the ledger: only for these must the winning record be chosen.
select dedupe_key from staged group by dedupe_key having count(*) > 1
union
select t.dedupe_key from held t semi join staged s on s.dedupe_key = t.dedupe_key
