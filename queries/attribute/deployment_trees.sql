-- deployment_trees: one row per deployment run and each nested deployment below it (itself included), five levels deep as ARM allows.
-- Why: a logged PUT of a deployment tags the whole deployment, nested ones too, also when its correlation id is shared with other
-- calls (SPEC 5.B). Only of shared requests, where the tag of a call reaches no further than its target.
select r.dep_id as root_id, r.correlation_id, r.dep_id
from deployment_records r
semi join shared_requests s on s.correlation_id = r.correlation_id
union
select a.dep_id as root_id, a.correlation_id, a.nested_id as dep_id
from nested_deployments a
semi join shared_requests s on s.correlation_id = a.correlation_id
union
select a.dep_id as root_id, a.correlation_id, b.nested_id as dep_id
from nested_deployments a
semi join shared_requests s on s.correlation_id = a.correlation_id
join nested_deployments b on b.dep_id = a.nested_id and b.correlation_id = a.correlation_id
union
select a.dep_id as root_id, a.correlation_id, c.nested_id as dep_id
from nested_deployments a
semi join shared_requests s on s.correlation_id = a.correlation_id
join nested_deployments b on b.dep_id = a.nested_id and b.correlation_id = a.correlation_id
join nested_deployments c on c.dep_id = b.nested_id and c.correlation_id = a.correlation_id
union
select a.dep_id as root_id, a.correlation_id, d.nested_id as dep_id
from nested_deployments a
semi join shared_requests s on s.correlation_id = a.correlation_id
join nested_deployments b on b.dep_id = a.nested_id and b.correlation_id = a.correlation_id
join nested_deployments c on c.dep_id = b.nested_id and c.correlation_id = a.correlation_id
join nested_deployments d on d.dep_id = c.nested_id and d.correlation_id = a.correlation_id
