-- every deployment of `unmarked`, and whether it is a forgotten customer's; the lists of the others lose what is.
select
  j.* replace (
    list_filter(j.output_resource_ids, lambda x: not names_forgotten(x)) as output_resource_ids,
    list_filter(j.nested_deployment_ids, lambda x: not names_forgotten(x)) as nested_deployment_ids
  ),
  names_forgotten(concat_ws(' ', j.dep_id, j.subscription_id)) as is_gone,
  'deployment' as kind
from unmarked j
