-- id_resources: one row per month, tracking id and resource with usage credited to the id.
-- Why: tracking_ids counts an id's resources over all months.
select
  c.month_start,
  c.tracking_id,
  c.resource_id,
  cast(count(*) as bigint) as usage_rows,
  max(c.usage_date) as last_usage_date
from credited_usage c
group by c.month_start, c.tracking_id, c.resource_id
