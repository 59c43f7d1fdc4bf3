-- changes the folder of a pack.
update slice_packs set pack = ? where pack = ?
