-- the usage rows of `unmarked` that stay, with the current names of files and scopes, in the slice of the variable kept_slice.
select j.* replace (
  coalesce(b.new_text, j.blob_name) as blob_name,
  coalesce(s.new_text, j.scope) as scope,
  coalesce(n.new_text, j.export_name) as export_name,
  coalesce(getvariable('kept_slice'), j.slice_id) as slice_id
)
from unmarked j
left join renamed b on b.old_text = j.blob_name
left join renamed s on s.old_text = j.scope
left join renamed n on n.old_text = j.export_name
where not is_forgotten_usage(j.subscription_id, j.resource_id, j.customer_tenant_id, j.scope)
