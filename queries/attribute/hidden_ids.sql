-- hidden_ids: one row per id of a customer who opted out: tenant, subscription or resource group, on any date.
-- Why: what is published besides the reports shows them nowhere, not in the path of a file either (SPEC 5.I).
select e.scope_id as id
from exclusions e
union
select x.subscription_id as id
from excluded_subscriptions x
