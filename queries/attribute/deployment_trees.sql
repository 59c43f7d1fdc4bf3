-- deployment_trees: one row per deployment run and each nested deployment below it (itself included), five levels deep as ARM allows.
-- Why: a logged PUT of a deployment tags the whole deployment, nested ones too, even if its correlation id is shared with other calls (SPEC 5.B).
-- Only for shared requests, where the tag of a call otherwise reaches no further than its target.
-- Example: main holds network, which holds subnets: (main, main), (main, network), (main, subnets), (network, network), (network, subnets),
-- (subnets, subnets). Each level below is the one above it, a step further down.
with level_1 as (
  select r.dep_id as root_id, r.correlation_id, r.dep_id
  from deployment_records r
  semi join shared_requests s on s.correlation_id = r.correlation_id
),
level_2 as (
  select n.dep_id as root_id, n.correlation_id, n.nested_id as dep_id
  from nested_deployments n
  semi join shared_requests s on s.correlation_id = n.correlation_id
),
level_3 as (
  select t.root_id, t.correlation_id, n.nested_id as dep_id
  from level_2 t
  join nested_deployments n on n.dep_id = t.dep_id and n.correlation_id = t.correlation_id
),
level_4 as (
  select t.root_id, t.correlation_id, n.nested_id as dep_id
  from level_3 t
  join nested_deployments n on n.dep_id = t.dep_id and n.correlation_id = t.correlation_id
),
level_5 as (
  select t.root_id, t.correlation_id, n.nested_id as dep_id
  from level_4 t
  join nested_deployments n on n.dep_id = t.dep_id and n.correlation_id = t.correlation_id
)
select root_id, correlation_id, dep_id from level_1
union
select root_id, correlation_id, dep_id from level_2
union
select root_id, correlation_id, dep_id from level_3
union
select root_id, correlation_id, dep_id from level_4
union
select root_id, correlation_id, dep_id from level_5
