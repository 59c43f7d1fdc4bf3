-- every activity record of `unmarked`, and whether it belongs to a forgotten customer by its subscription or tenant. Records that only point to the
-- customer (such as a move there) stay without the pointer. kind is NULL for the extra row that some records give (managed_by).
select
  j.* replace (
    case when names_forgotten(j.managed_by) then null else j.managed_by end as managed_by,
    case when names_forgotten(j.move_target) then null else j.move_target end as move_target,
    list_filter(j.move_resources, lambda x: not names_forgotten(x)) as move_resources
  ),
  names_forgotten(concat_ws(' ', j.subscription_id, j.resource_id, j.tenant_id)) as is_gone,
  case
    when j.managed_by is not null then null
    when j.operation like '%/write' then 'activity.write'
    when j.operation like '%/delete' then 'activity.delete'
    else 'activity.move'
  end as kind
from unmarked j
