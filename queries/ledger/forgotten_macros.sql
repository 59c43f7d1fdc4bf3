-- how a row of a forgotten customer is recognised. The variable forgotten_hashes lists the SHA-256 of the ids of forgotten customers,
-- forgotten_names the stand-ins that have replaced these ids in paths and scopes; renamed has one row per text that was changed that way.
create or replace temp macro guids_of(t) as
  regexp_extract_all(lower(t), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}');
create or replace temp macro names_forgotten(t) as
  coalesce(list_has_any(list_transform(guids_of(t), lambda g: sha256(g)), getvariable('forgotten_hashes')), false);
create or replace temp macro is_forgotten_usage(subscription_id, resource_id, customer_tenant_id, scope) as
  names_forgotten(concat_ws(' ', subscription_id, resource_id, customer_tenant_id, case when subscription_id is null then scope end))
  or subscription_id is null and coalesce(list_has_any(guids_of(scope), getvariable('forgotten_names')), false);
create or replace temp table renamed (old_text varchar, new_text varchar);
