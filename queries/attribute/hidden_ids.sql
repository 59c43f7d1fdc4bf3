-- hidden_ids: one row per id of a customer who opted out, tenant, subscription or resource group, with the last day on which what bears it
-- is not shown: 9999-12-31 but for a subscription that went to somebody else afterwards.
-- Why: what is published besides the reports shows nothing of them, from before the opt-out neither, nor the ids themselves in the path of a
-- file (SPEC 5.I). After a transfer the subscription's id is the new owner's (SPEC 5.B).
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
