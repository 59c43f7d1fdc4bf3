-- every deployment operation of `unmarked`, and whether it belongs to a forgotten customer, by its deployment or by what it wrote.
select
  j.*,
  names_forgotten(concat_ws(' ', j.dep_id, j.target_id)) as is_gone,
  'operation' as kind
from unmarked j
