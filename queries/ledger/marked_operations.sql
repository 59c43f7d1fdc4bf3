-- every deployment operation of `unmarked`, and whether it is a forgotten customer's: by its deployment or by what it wrote.
select
  j.*,
  names_forgotten(concat_ws(' ', j.dep_id, j.target_id)) as is_gone,
  'operation' as kind
from unmarked j
