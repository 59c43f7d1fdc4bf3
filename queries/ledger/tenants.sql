-- one row per subscription and tenant that usage, activity or the customers file link.
select subscription_id, tenant_id
from subscription_tenants
