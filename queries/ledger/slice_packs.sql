-- one row per slice of the catalog whose rows are in a pack, with the folder of the pack.
select p.slice_id, p.pack
from ledger.slice_packs p
semi join ledger.slices s on s.slice_id = p.slice_id
