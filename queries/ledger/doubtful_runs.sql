-- one row: how many resources have a doubtful first write, of a deployment whose runs without a known start did not all carry the same ids, so that
-- the choice of the run decides the owner; of how many deployments; and the name of the first of these.
with runs as (
  select r.dep_id, r.correlation_id, string_agg(distinct t.tracking_id, ' ' order by t.tracking_id) as ids
  from deployment_records r
  semi join doubtful_writes d on d.dep_id = r.dep_id
  left join request_tags t on t.correlation_id = r.correlation_id
  where r.has_start = 0
  group by r.dep_id, r.correlation_id
),
mixed as (
  select dep_id from runs group by dep_id having count(distinct coalesce(ids, '')) > 1
)
select count(distinct d.resource_id) as resources, count(distinct d.dep_id) as deployments, min(split_part(d.dep_id, '/', -1)) as name
from doubtful_writes d
semi join mixed m on m.dep_id = d.dep_id
semi join lifetime_writes w on w.resource_id = d.resource_id and w.correlation_id = d.correlation_id and w.place = 1
left join hidden_ids h on h.id = split_part(d.dep_id, '/', 3)
left join hidden_ids g on g.id = regexp_extract(d.dep_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where h.id is null and g.id is null
