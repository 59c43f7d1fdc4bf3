-- mixed_files: one row per file that holds usage of customers who opted out, alone or with that of others.
-- Why: a rejected row of it may be theirs, and nothing tells; its content is not published (SPEC 5.I).
select distinct p.path
from (
  select s.slice_id, explode(s.source_paths) as path
  from slices s
) p
join (
  select u.slice_id
  from usage_days u
  join hidden_ids h on h.id = u.subscription_key and u.usage_date <= h.until
  union
  select u.slice_id
  from usage_days u
  join hidden_ids h on h.id = u.customer_tenant_id and h.until = date '9999-12-31'
  union
  select z.slice_id
  from hidden_slices z
) s on s.slice_id = p.slice_id
