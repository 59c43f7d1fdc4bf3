-- owner_spans: one row per written resource and span of days with one owner, or one reason to have none; spans are closed and disjoint.
-- Why: usage belongs to the lifetime that started last on its day (SPEC 5.G), so a span ends on the day before the next one begins;
-- with disjoint spans every usage row meets at most one, without looking at the others.
select
  c.resource_id,
  c.date_from,
  c.date_to,
  c.status,
  c.tracking_id,
  c.correlation_id,
  c.method,
  c.rule
from (
  select
    o.resource_id,
    o.date_from,
    least(
      o.date_to,
      coalesce(
        lead(o.date_from) over (
          partition by o.resource_id
          order by o.began_at asc nulls last, o.precedence asc nulls last
        ) - 1,
        date '9999-12-31'
      )
    ) as date_to,
    o.status,
    o.tracking_id,
    o.correlation_id,
    o.method,
    o.rule
  from owners o
) c
where c.date_from <= c.date_to
