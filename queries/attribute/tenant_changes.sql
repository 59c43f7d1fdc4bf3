-- tenant_changes: one row per subscription and day on which its usage names other tenants than on the day before, with the one that owns it from
-- then on: a tenant not named the day before, else one that still is.
-- Why: a subscription belongs to a new tenant from the first day on which usage names it (SPEC 5.B), even if the old one is named on that day, too,
-- and even if the tenant has owned it before.
select r.subscription_id, r.usage_date, r.tenant_id
from (
  select
    d.subscription_id,
    d.usage_date,
    d.tenant_id,
    d.day_no,
    cast(count(*) over (partition by d.subscription_id, d.day_no) as bigint) as tenants,
    max(d.is_new) over (partition by d.subscription_id, d.day_no) as has_new,
    row_number() over (partition by d.subscription_id, d.day_no order by d.is_new desc nulls last, d.tenant_id asc nulls last) as choice
  from (
    select
      t.subscription_id,
      t.usage_date,
      t.tenant_id,
      t.day_no,
      case
        when lag(t.day_no) over (partition by t.subscription_id, t.tenant_id order by t.day_no asc nulls last) = t.day_no - 1 then 0 else 1
      end as is_new
    from tenant_days t
  ) d
) r
left join (
  select n.subscription_id, n.day_no, cast(count(*) as bigint) as tenants
  from tenant_days n
  group by n.subscription_id, n.day_no
) before on before.subscription_id = r.subscription_id and before.day_no = r.day_no - 1
where r.choice = 1
  and (r.has_new = 1 or r.tenants <> before.tenants)
