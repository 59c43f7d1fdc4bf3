-- suggestions: one row per malformed token and form of it with the registered id that it may have been meant to be.
-- Why: `starting` is the only registered id that begins with the form (of eight characters or more), `nearest` the first that is at
-- most one edit away (SPEC 4). Digits without hyphens are compared with the digits of registered GUIDs.
select
  c.token,
  c.form,
  case
    when cast(sum(case when length(c.written) >= 8 and startswith(c.registered, c.written) then 1 else 0 end) as bigint) = 1
    then min(case when startswith(c.registered, c.written) then c.tracking_id end)
  end as starting,
  min(case
    when length(c.registered) - length(c.written) >= -1
      and length(c.registered) - length(c.written) <= 1
      and levenshtein(c.registered, c.written) <= 1
    then c.tracking_id
  end) as nearest
from (
  select t.token, t.form, t.tracking_id as written, r.tracking_id, case when t.form = 3 then r.digits else r.tracking_id end as registered
  from malformed_ids t
  cross join (
    select distinct g.tracking_id, case when g.kind = 'guid' then replace(g.tracking_id, '-', '') end as digits
    from registrations g
  ) r
) c
group by c.token, c.form
