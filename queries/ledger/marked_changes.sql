-- every resource change of `unmarked`, and whether it belongs to a forgotten customer.
select
  j.*,
  names_forgotten(concat_ws(' ', j.subscription_id, j.resource_id)) as is_gone,
  'change' as kind
from unmarked j
