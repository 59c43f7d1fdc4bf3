-- the evidence has changed: attributions of the previous generation are out of date.
insert into evidence_generation
select coalesce(max(generation), 0) + 1 from evidence_generation
