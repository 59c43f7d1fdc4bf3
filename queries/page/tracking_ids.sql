-- tracking_ids: one row per registered tracking id, those first that were never seen; never is how many these are.
-- Why: whether what was published is in use.
-- lines is the number of rows; the first $rows are here.
select l.tracking_id, l.offer, l.sku, l.channel, l.first_seen, l.last_seen, l.succeeded, l.failed, l.requests, l.resources, l.usage_rows, l.last_usage_date, l.never, l.lines
from (
  select
    tracking_id,
    coalesce(offer, '') as offer,
    coalesce(sku, '') as sku,
    coalesce(channel, '') as channel,
    first_seen,
    last_seen,
    deployments_succeeded as succeeded,
    deployments_failed as failed,
    requests,
    resources,
    usage_rows,
    last_usage_date,
    cast(count(case when first_seen is null then 1 end) over () as bigint) as never,
    cast(count(*) over () as bigint) as lines,
    row_number() over (order by case when first_seen is null then 0 else 1 end asc nulls last, tracking_id asc nulls first) as place
  from tracking_ids
) l
where l.place <= cast($rows as bigint)
order by l.place asc nulls first
