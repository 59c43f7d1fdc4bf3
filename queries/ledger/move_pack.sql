-- gives a pack another folder.
update slice_packs set pack = ? where pack = ?
