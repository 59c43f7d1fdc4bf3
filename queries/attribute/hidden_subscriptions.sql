-- hidden_subscriptions: one row per subscription that is hidden at least in part, with the last day on which all of it is (NULL: only resource
-- groups of it are; has_groups is 1 if there are any).
-- Why: one look at the subscription of a row tells whether to look closer.
select
  h.subscription_id,
  max(h.until) as until,
  max(h.has_groups) as has_groups
from (
  select
    case when i.id like '/subscriptions/%' then split_part(i.id, '/', 3) else i.id end as subscription_id,
    case when i.id not like '/subscriptions/%' then i.until end as until,
    case when i.id like '/subscriptions/%' then 1 else 0 end as has_groups
  from hidden_ids i
) h
group by h.subscription_id
