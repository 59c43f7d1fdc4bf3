-- What the identities of published_columns.csv ask of the ids of customers who opted out, made once these are known (DuckDB only).
-- The ids that are theirs for good. A value, not a table: a subquery for each text of each row costs more than all the rest of a snapshot.
set variable hidden_words = (select coalesce(list(id), []) from hidden_ids where until = date '9999-12-31');
-- Names some_text what such a customer has: an id of theirs, or their resource group, anywhere in it; or is it the path of their file?
create or replace temp macro names_hidden(some_text) as coalesce(
  list_has_any(
    list_concat(
      regexp_extract_all(lower(some_text), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'),
      list_transform(
        regexp_extract_all(replace(lower(some_text), '%2f', '/'), '/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/"?#&\s]+'),
        lambda g: rtrim(g, ',;:.')
      )
    ),
    getvariable('hidden_words')
  )
  or exists (select 1 from hidden_files f where f.path = some_text), false);
-- Is it a subscription of theirs, on that day? What tells no day is theirs if it was ever.
set variable hidden_until = (select map_from_entries(list((h.id, h.until))) from (select id, max(until) as until from hidden_ids group by id) h);
create or replace temp macro is_hidden_subscription(some_id, some_day) as
  coalesce(coalesce(cast(some_day as date), date '0001-01-01') <= getvariable('hidden_until')[lower(some_id)], false);
-- Is it a resource or another scope of theirs, on that day?
create or replace temp macro is_hidden_scope(some_id, some_day) as
  is_hidden_subscription(split_part(some_id, '/', 3), some_day)
  or map_contains(getvariable('hidden_until'), regexp_extract(lower(some_id), '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0))
  or exists (select 1 from hidden_resources r where r.resource_id = case when some_id not like '/subscriptions/%' then lower(some_id) end)
  or names_hidden(case when some_id not like '/subscriptions/%' then some_id end);
-- Is it a resource with usage, and all of that theirs?
create or replace temp macro is_hidden_resource(some_id, some_day) as
  is_hidden_scope(some_id, some_day) or exists (select 1 from hidden_resources r where r.resource_id = lower(some_id));
-- May it be of a row of theirs, which could not be used? What quotes nothing of the row tells nothing.
create or replace temp macro is_hidden_quote(some_text, some_path, is_cell) as some_text is not null and (
  names_hidden(some_text) or names_hidden(some_path)
  or exists (select 1 from mixed_files m where m.path = some_path) and (is_cell or contains(some_text, '"'))
);
