-- which days of which export run a newer one replaced, decided again.
delete from masked_days;
insert into masked_days from new_masks
