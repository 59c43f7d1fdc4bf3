-- every logged request of `unmarked`, and whether it belongs to a forgotten customer, by its resource or because its URL names the customer.
select
  j.*,
  names_forgotten(concat_ws(' ', j.resource_id, j.url)) as is_gone,
  'request' as kind
from unmarked j
