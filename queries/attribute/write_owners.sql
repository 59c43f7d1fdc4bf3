-- write_owners: one row per tagged write with its primary id and what the judgement needs to know of its ids.
-- Why: the owner of a lifetime is the primary id of its first write; `has_registered` of a later write makes a resource preexisting (SPEC 5.D);
-- `in_force_ids` is how many share the credit (SPEC 5.E).
select
  t.resource_id,
  t.correlation_id,
  max(case when t.place = 1 then t.tracking_id end) as tracking_id,
  max(case when t.place = 1 then t.standing end) as standing,
  max(case when t.place = 1 then t.method end) as method,
  max(case when t.standing in ('in_force', 'late', 'retired') then 1 else 0 end) > 0 as has_registered,
  cast(sum(case when t.standing = 'in_force' then 1 else 0 end) as int) as in_force_ids
from write_tags t
group by t.resource_id, t.correlation_id
