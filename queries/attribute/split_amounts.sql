-- split_amounts: one row per attributed usage row that several ids share, with the share of each other id and the primary's part.
-- Why: equal shares that add up exactly (SPEC 5.E): the remainder is taken off first, so the division has nothing to round. The others get the
-- amount divided by the number of ids, truncated to 18 decimals; the primary gets the rest.
select
  h.slice_id,
  h.blob_name,
  h.row_no,
  h.quantity_share,
  cast(cast(h.quantity_share as decimal(37,18)) + cast(h.quantity_rest as decimal(37,18)) as decimal(38,18)) as quantity_primary,
  h.billed_cost_share,
  cast(cast(h.billed_cost_share as decimal(37,18)) + cast(h.billed_cost_rest as decimal(37,18)) as decimal(38,18)) as billed_cost_primary,
  h.effective_cost_share,
  cast(cast(h.effective_cost_share as decimal(37,18)) + cast(h.effective_cost_rest as decimal(37,18)) as decimal(38,18)) as effective_cost_primary,
  h.cost_usd_share,
  cast(cast(h.cost_usd_share as decimal(37,18)) + cast(h.cost_usd_rest as decimal(37,18)) as decimal(38,18)) as cost_usd_primary
from (
  select
    r.slice_id,
    r.blob_name,
    r.row_no,
    r.quantity_rest,
    cast(try_divide(cast(r.quantity as decimal(37,18)) - cast(r.quantity_rest as decimal(37,18)), cast(r.shares as decimal(3,0))) as decimal(38,18)) as quantity_share,
    r.billed_cost_rest,
    cast(try_divide(cast(r.billed_cost as decimal(37,18)) - cast(r.billed_cost_rest as decimal(37,18)), cast(r.shares as decimal(3,0))) as decimal(38,18)) as billed_cost_share,
    r.effective_cost_rest,
    cast(try_divide(cast(r.effective_cost as decimal(37,18)) - cast(r.effective_cost_rest as decimal(37,18)), cast(r.shares as decimal(3,0))) as decimal(38,18)) as effective_cost_share,
    r.cost_usd_rest,
    cast(try_divide(cast(r.cost_usd as decimal(37,18)) - cast(r.cost_usd_rest as decimal(37,18)), cast(r.shares as decimal(3,0))) as decimal(38,18)) as cost_usd_share
  from (
    select
      u.slice_id,
      u.blob_name,
      u.row_no,
      c.shares,
      u.quantity,
      u.quantity % (cast(c.shares as decimal(3,0)) * cast('0.000000000000000001' as decimal(18,18))) as quantity_rest,
      u.billed_cost,
      u.billed_cost % (cast(c.shares as decimal(3,0)) * cast('0.000000000000000001' as decimal(18,18))) as billed_cost_rest,
      u.effective_cost,
      u.effective_cost % (cast(c.shares as decimal(3,0)) * cast('0.000000000000000001' as decimal(18,18))) as effective_cost_rest,
      u.cost_usd,
      u.cost_usd % (cast(c.shares as decimal(3,0)) * cast('0.000000000000000001' as decimal(18,18))) as cost_usd_rest
    from judged_usage u
    join shared_credits c on c.resource_id = u.subject_id and c.correlation_id = u.correlation_id
    where u.status = 'attributed' and u.span_status = 'attributed'
  ) r
) h
