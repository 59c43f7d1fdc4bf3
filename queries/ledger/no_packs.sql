-- no rows: the packs of a ledger from before there were packs.
select cast(null as varchar) as slice_id, cast(null as varchar) as pack
where false
