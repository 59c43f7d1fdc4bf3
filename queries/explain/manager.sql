-- manager: at most one row, the resource that manages the group in which $resource lies, and whose that is.
-- Why: what lies in a managed group follows its manager only when inherit_managed_groups says so.
select m.manager_id, s.status, s.tracking_id
from managed_groups m
left join resource_spans s on s.resource_id = m.manager_id and s.status = 'attributed'
where m.resource_group_id = regexp_extract($resource, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
order by s.date_from
limit 1
