-- hidden_subscriptions: one row per subscription of which something is not shown, with the last day on which all of it is not (NULL: only
-- resource groups of it are not; has_groups is 1 where there are such).
-- Why: one look at the subscription of a row tells whether to look closer.
select
  h.subscription_id,
  max(h.until) as until,
  max(h.has_groups) as has_groups
from (
  select i.id as subscription_id, i.until, 0 as has_groups
  from hidden_ids i
  where i.id not like '/%'
  union all
  select split_part(g.id, '/', 3) as subscription_id, cast(null as date) as until, 1 as has_groups
  from hidden_ids g
  where g.id like '/subscriptions/%'
) h
group by h.subscription_id
