-- day: one row per attributed usage row of $resource on $day and id that is credited for it.
-- Why: the amounts of one day, with file and row of the export.
select
  tracking_id, credit_share, is_duplicate, billing_currency as currency, meter_name, quantity, unit, billed_cost, effective_cost,
  cast(null as varchar) as evidence, blob_name as file, row_no as record
from attributed_usage
where resource_id = $resource and usage_date = cast($day as date)
order by blob_name, row_no, credit_share desc, tracking_id
