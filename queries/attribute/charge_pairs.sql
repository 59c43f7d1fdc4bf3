-- charge_pairs: one row per pair of slices that share days and do not say what they cover (SPEC 3.2b): whether they are deliveries of the same
-- charges, and if so, which of the two yields.
-- Why: they are the same if all rows of a shared day are, or if both hold more than half of the charges of the smaller side: then the charges were
-- rated again. slice_id yields, a plain file to a run, an older to a newer. But a delivery with at most half of what the other holds is a part of
-- it and is the one to yield, because it cannot stand in for what it lacks.
select
  v.slice_id,
  v.other_id,
  v.is_same,
  v.is_same and v.equal_days = 0 and v.shared_charges * 2 <= v.charges as is_reversed
from (
  select
    d.slice_id,
    d.other_id,
    d.equal_days,
    d.charges,
    d.shared_charges,
    d.equal_days > 0 or d.shared_charges * 2 > least(d.charges, d.other_charges) as is_same
  from (
    select
      m.slice_id,
      m.other_id,
      cast(sum(case when p.shared_rows = p.usage_rows and p.shared_rows = p.other_rows then 1 else 0 end) as bigint) as equal_days,
      cast(sum(p.charges) as bigint) as charges,
      cast(sum(p.other_charges) as bigint) as other_charges,
      cast(sum(p.shared_charges) as bigint) as shared_charges
    from met_days m
    join pair_days p
      on p.slice_id = m.slice_id and p.other_id = m.other_id and p.subscription_key = m.subscription_key and p.usage_date = m.usage_date
    where m.question = 'charges'
    group by m.slice_id, m.other_id
  ) d
) v
