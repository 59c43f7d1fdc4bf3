-- every logged request of `unmarked`, and whether it is a forgotten customer's: by its resource, or because its url names the customer.
select
  j.*,
  names_forgotten(concat_ws(' ', j.resource_id, j.url)) as is_gone,
  'request' as kind
from unmarked j
