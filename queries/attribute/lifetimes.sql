-- lifetimes: one row per lifetime of a resource: from its first write until its deletion (9999-12-31 if it was not deleted); deleted_at is the
-- delete that ends it, deleted_before the last one before it began.
-- Why: usage of a day belongs to the lifetime that spans it (SPEC 5.G). `is_first` is true for the lifetime before which nothing is known. No
-- delete lies between the writes of one lifetime, so they all have the same neighbours, except for a write without a time, which comes after all
-- deletes.
select
  w.resource_id,
  w.lifetime,
  min(w.ts) as start_ts,
  coalesce(min(w.until_ts), timestamp '9999-12-31 00:00:00') as end_ts,
  w.lifetime = 0 as is_first,
  min(w.since_ts) as deleted_before,
  min(w.until_ts) as deleted_at
from lifetime_writes w
group by w.resource_id, w.lifetime
