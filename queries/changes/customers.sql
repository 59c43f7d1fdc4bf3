-- customers: one row per customer whose first usage is in $latest (first_date), or whose last is in $before (first_date empty), up to $last_day
-- (two digits) of it.
-- Why: a customer who came or went. Nobody is named to whom something belongs that opted out: $hidden has a tenant, subscription or resource
-- group in lower case a line. Who a customer is: reader/customer_months.sql.
with hidden as (
  select distinct case when h.id like '/subscriptions/%' then split_part(h.id, '/', 3) else h.id end as id
  from (select explode(string_split($hidden, chr(10))) as id) h
)
select
  c.customer,
  coalesce(max(c.customer_name), '') as name,
  min(case when c.month = $latest then c.first_usage_date end) as first_date
from customer_months c
where c.customer is not null
  and lower(c.customer) not in (select id from hidden)
  and coalesce(lower(c.customer_tenant_id), 'none') not in (select id from hidden)
  and coalesce(lower(c.subscription_id), 'none') not in (select id from hidden)
group by c.customer
having min(c.month) = $latest
  or max(c.month) = $before and substr(cast(min(case when c.month = $before then c.first_usage_date end) as string), 9, 2) <= $last_day
order by c.customer asc nulls first
