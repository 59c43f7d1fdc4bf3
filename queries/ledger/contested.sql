-- the keys of staged evidence that occur twice, or that the ledger has: only of these the record that stays must be chosen.
select dedupe_key from staged group by dedupe_key having count(*) > 1
union
select t.dedupe_key from held t semi join staged s on s.dedupe_key = t.dedupe_key
