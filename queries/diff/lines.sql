-- lines: one row per month, currency, status, and for attributed usage offer, channel and tracking id, whose sums differ between two snapshots,
-- with what changed.
-- Why: what a later run reports otherwise than an earlier one, down to the ids, and why.
--
-- The tables earlier_... and later_... are those of the two snapshots. $earlier and $later are the ids of their runs. The causes are those that
-- restatements has for the month and currency between the two. A month that the earlier one did not have is new usage; an id whose
-- registration differs moves between lines without a restatement, and so does usage that other evidence or settings give to another id.
with sides as (
  select
    month, currency, 'attributed' as status, offer, channel, tracking_id,
    effective_cost as old_effective_cost, cast(0 as decimal(38,18)) as new_effective_cost,
    billed_cost as old_billed_cost, cast(0 as decimal(38,18)) as new_billed_cost, usage_rows as old_usage_rows, 0 as new_usage_rows
  from earlier_summary
  union all
  select month, currency, 'attributed', offer, channel, tracking_id, 0, effective_cost, 0, billed_cost, 0, usage_rows
  from later_summary
  union all
  select month, currency, status, null, null, null, effective_cost, 0, billed_cost, 0, usage_rows, 0
  from earlier_coverage
  where status <> 'attributed'
  union all
  select month, currency, status, null, null, null, 0, effective_cost, 0, billed_cost, 0, usage_rows
  from later_coverage
  where status <> 'attributed'
),
lines as (
  select
    month, currency, status, offer, channel, tracking_id,
    cast(coalesce(sum(old_effective_cost), 0) as decimal(38,18)) as old_effective_cost,
    cast(coalesce(sum(new_effective_cost), 0) as decimal(38,18)) as new_effective_cost,
    cast(coalesce(sum(old_billed_cost), 0) as decimal(38,18)) as old_billed_cost,
    cast(coalesce(sum(new_billed_cost), 0) as decimal(38,18)) as new_billed_cost,
    cast(sum(old_usage_rows) as bigint) as old_usage_rows,
    cast(sum(new_usage_rows) as bigint) as new_usage_rows
  from sides
  group by all
),
causes as (
  select month, currency, string_agg(distinct cause, ', ' order by cause) as causes
  from later_restatements
  where new_run > $earlier and new_run <= $later
  group by month, currency
),
registered as (
  select coalesce(e.tracking_id, l.tracking_id) as tracking_id
  from earlier_registrations e
  full join later_registrations l on l.tracking_id = e.tracking_id
  where row(e.mpn_id, e.offer, e.sku, e.channel) is distinct from row(l.mpn_id, l.offer, l.sku, l.channel)
)
select
  n.month, n.currency, n.status, n.offer, n.channel, n.tracking_id,
  case
    when n.month not in (select month from earlier_coverage) then 'usage'
    when c.causes is not null and (r.tracking_id is null or contains(c.causes, 'registry')) then c.causes
    when r.tracking_id is not null then concat_ws(', ', c.causes, 'registry')
    when (select cast(s as varchar) from earlier_settings s) is distinct from (select cast(s as varchar) from later_settings s) then 'settings'
    else 'evidence'
  end as cause,
  n.old_effective_cost, n.new_effective_cost, cast(n.new_effective_cost - n.old_effective_cost as decimal(38,18)) as difference,
  n.old_billed_cost, n.new_billed_cost, n.old_usage_rows, n.new_usage_rows, $earlier as old_run, $later as new_run
from lines n
left join causes c on c.month = n.month and c.currency is not distinct from n.currency
left join registered r on r.tracking_id = n.tracking_id
where n.old_effective_cost <> n.new_effective_cost or n.old_billed_cost <> n.new_billed_cost or n.old_usage_rows <> n.new_usage_rows
order by n.month, n.currency nulls first, case when n.status = 'attributed' then '' else n.status end, n.offer nulls first, n.channel nulls first, n.tracking_id nulls first
