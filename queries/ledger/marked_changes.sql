-- every resource change of `unmarked`, and whether it is a forgotten customer's.
select
  j.*,
  names_forgotten(concat_ws(' ', j.subscription_id, j.resource_id)) as is_gone,
  'change' as kind
from unmarked j
