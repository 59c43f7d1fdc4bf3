-- the evidence changed: what was attributed with the generation before is no longer the whole truth.
insert into evidence_generation
select coalesce(max(generation), 0) + 1 from evidence_generation
