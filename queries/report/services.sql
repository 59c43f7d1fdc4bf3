-- services: one row per month, registration, meter category, subcategory and unit, and currency (SPEC 6).
-- Why: which Azure services the partner's software drives, with quantities that may be added (one unit a row).
select
  substring(cast(c.month_start as string), 1, 7) as month,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  c.meter_category,
  c.meter_subcategory,
  c.unit,
  c.billing_currency as currency,
  cast(sum(c.quantity) as decimal(38,18)) as quantity,
  cast(sum(c.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(c.effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(c.cost_usd) as decimal(38,18)) as cost_usd,
  cast(count(*) as bigint) as usage_rows
from credited_usage c
group by c.month_start, c.mpn_id, c.offer, c.sku, c.channel, c.meter_category, c.meter_subcategory, c.unit, c.billing_currency
