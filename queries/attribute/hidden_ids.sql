-- hidden_ids: one row per tenant, subscription or resource group of a customer who opted out, with the last day on which things with this id are
-- hidden: 9999-12-31, except for a subscription that was later transferred.
-- Why: what is published besides the reports shows nothing of these customers, not even from before the opt-out or an id in the path of a file
-- (SPEC 5.I). After a transfer the subscription's id belongs to the new owner (SPEC 5.B).
select h.id, max(h.until) as until
from (
  select e.scope_id as id, date '9999-12-31' as until
  from exclusions e
  union all
  select x.subscription_id as id, x.date_to as until
  from excluded_tenures x
) h
where h.id is not null
group by h.id
