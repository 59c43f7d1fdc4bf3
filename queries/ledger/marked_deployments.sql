-- every deployment of `unmarked`, and whether it belongs to a forgotten customer; the lists in the others lose their entries about such customers.
select
  j.* replace (
    list_filter(j.output_resource_ids, lambda x: not names_forgotten(x)) as output_resource_ids,
    list_filter(j.nested_deployment_ids, lambda x: not names_forgotten(x)) as nested_deployment_ids
  ),
  names_forgotten(concat_ws(' ', j.dep_id, j.subscription_id)) as is_gone,
  'deployment' as kind
from unmarked j
