-- no row: the packs of a ledger whose schema version knew none.
select cast(null as varchar) as slice_id, cast(null as varchar) as pack
where false
