-- hidden_slices: one row per slice that holds only usage of customers who opted out, comes from an export of their scope, or has one of their ids
-- or resource groups in its export's name, its scope or a path of its files.
-- Why: its scope, the name of its export and its path may name the customer, by more than an id; what is published shows none of them (SPEC 5.I).
select s.slice_id
from (
  select x.slice_id, split_part(lower(x.scope), '/', 3) as id from slices x
  union all
  select x.slice_id, split_part(split_part(lower(x.scope), '/customers/', 2), '/', 1) as id from slices x
  union all
  select n.slice_id, explode(regexp_extract_all(replace(n.name, '%2f', '/'), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/ "?#&,;:]+', 0)) as id
  from (
    select x.slice_id, lower(concat_ws(' ', array_join(x.source_paths, ' '), x.manifest_path, x.export_name, x.scope)) as name from slices x
  ) n
) s
join hidden_ids h on h.id = s.id and h.until = date '9999-12-31'
union
select u.slice_id
from usage_days u
left join hidden_ids h on h.id = u.subscription_key and u.usage_date <= h.until
left join hidden_ids t on t.id = u.customer_tenant_id and t.until = date '9999-12-31'
group by u.slice_id
having count(case when h.id is null and t.id is null then 1 end) = 0
