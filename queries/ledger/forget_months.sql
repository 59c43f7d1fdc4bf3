-- the months of the usage that is taken back: those of the rows, and those of the export runs, which may have no rows.
select distinct month_start from (
  select cast(date_trunc('month', k.usage_date) as date) as month_start
  from kept_usage k
  where k.slice_id in (select f.slice_id from forget_slices f)
    or is_forgotten_usage(k.subscription_id, k.resource_id, k.customer_tenant_id, k.scope)
  union
  select s.month_start from slices s join forget_slices f on f.slice_id = s.slice_id
)
where month_start is not null
order by month_start
