-- one row per deployment record whose file names no subscription (PowerShell writes neither subscription nor id), with the subscription it belongs
-- to and its id there, NULL if nothing tells, and how many it could belong to.
-- Why: operations find their deployment by its id (SPEC 5.B). The first of these places that names a subscription decides: a record of the same
-- deployment that has an id; the name of the file or of one of its folders, if other evidence knows that subscription; the other files of its
-- folder (folders whose names differ only by a date count as one); those below it; those below its parent folder. The source as a whole is not
-- used. If the place names two subscriptions, the answer is NULL. This is decided again in every run, from everything known by then, so the order
-- in which files arrive does not matter.
with nameless as (
  select
    dedupe_key, src_file, correlation_id, lower(name) as name, resource_group, subscription_id,
    regexp_replace(regexp_replace(src_file, '[^/]*$', ''), '20[0-9][0-9][-_/.]?[01][0-9][-_/.]?[0-3][0-9]', '#', 'g') as folder,
    regexp_extract_all(lower(src_file), '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}') as guids
  from deployments
  where starts_with(dedupe_key, '- ')
),
ids as (
  select src_file, correlation_id, dep_id as id from deployments where not starts_with(dedupe_key, '- ')
  union all
  select src_file, correlation_id, unnest(nested_deployment_ids) from deployments
  union all
  select src_file, null, dep_id from operations
  union all
  select src_file, correlation_id, resource_id from activity
  union all
  select src_file, correlation_id, resource_id from changes
  union all
  select src_file, correlation_id, resource_id from requests
),
-- the subscriptions that each file names
files_of as (
  select distinct src_file, split_part(id, '/', 3) as subscription_id
  from ids
  where starts_with(id, '/subscriptions/')
),
folders as (
  select distinct
    subscription_id,
    regexp_replace(regexp_replace(src_file, '[^/]*$', ''), '20[0-9][0-9][-_/.]?[01][0-9][-_/.]?[0-3][0-9]', '#', 'g') as folder
  from files_of
),
-- a subscription and each folder above a file that names it
above as (
  select distinct
    subscription_id,
    unnest(list_transform(range(1, len(string_split(folder, '/'))), lambda i: array_to_string(string_split(folder, '/')[1:i], '/') || '/')) as folder
  from folders
),
roots as (
  select regexp_replace(path || '/', '20[0-9][0-9][-_/.]?[01][0-9][-_/.]?[0-3][0-9]', '#', 'g') as folder from source_roots
),
told as (
  select n.dedupe_key, 1 as choice, split_part(i.id, '/', 3) as subscription_id
  from nameless n
  join ids i on i.correlation_id = n.correlation_id
  where i.id = concat('/subscriptions/', split_part(i.id, '/', 3), '/resourcegroups/' || n.resource_group, '/providers/microsoft.resources/deployments/', n.name)
  union
  select n.dedupe_key, 2, f.subscription_id
  from (select dedupe_key, unnest(guids) as guid from nameless) n
  join folders f on f.subscription_id = n.guid
  union
  select n.dedupe_key, 3, f.subscription_id
  from nameless n
  join folders f on f.folder = n.folder
  union
  select n.dedupe_key, 4, a.subscription_id
  from nameless n
  join above a on a.folder = n.folder
  where n.folder not in (select folder from roots)
  union
  select n.dedupe_key, 5, a.subscription_id
  from nameless n
  join above a on a.folder = regexp_replace(n.folder, '[^/]*/$', '')
  where n.folder not in (select folder from roots) and a.folder not in (select folder from roots)
),
chosen as (
  select dedupe_key, count(*) as could_be, min(subscription_id) as subscription_id
  from (select dedupe_key, subscription_id, choice, min(choice) over (partition by dedupe_key) as first_choice from told)
  where choice = first_choice
  group by dedupe_key
)
select
  n.dedupe_key,
  n.src_file,
  n.subscription_id as before,
  case when c.could_be = 1 then c.subscription_id end as subscription_id,
  case when c.could_be = 1 then
    concat('/subscriptions/', c.subscription_id, '/resourcegroups/' || n.resource_group, '/providers/microsoft.resources/deployments/', n.name)
  end as dep_id,
  coalesce(c.could_be, 0) as could_be
from nameless n
left join chosen c using (dedupe_key)
