-- writes into the deployments which subscription they belong to, as `placed` says.
update deployments
set subscription_id = p.subscription_id, dep_id = p.dep_id
from placed p
where p.dedupe_key = deployments.dedupe_key and p.before is distinct from p.subscription_id
