-- suggestions: one row per malformed token and form of it with the registered id that it may have been meant to be.
-- Why: `starting` is the only registered id that begins with the form (of eight characters or more), `nearest` the first that is at
-- most one edit away (SPEC 4).
select
  t.token,
  t.form,
  case
    when sum(case when length(t.tracking_id) >= 8 and startswith(r.tracking_id, t.tracking_id) then 1 else 0 end) = 1
    then min(case when startswith(r.tracking_id, t.tracking_id) then r.tracking_id end)
  end as starting,
  min(case
    when length(r.tracking_id) - length(t.tracking_id) >= -1
      and length(r.tracking_id) - length(t.tracking_id) <= 1
      and levenshtein(r.tracking_id, t.tracking_id) <= 1
    then r.tracking_id
  end) as nearest
from malformed_ids t
cross join (select distinct g.tracking_id from registrations g) r
group by t.token, t.form
