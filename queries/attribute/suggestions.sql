-- suggestions: one row per malformed token and form of it, with the registered id that was probably meant.
-- Why: `starting` is the only registered id that begins with the form (of eight characters or more), `nearest` the first that is at most one edit
-- away (SPEC 4). Digits without hyphens are compared with the digits of registered GUIDs. Forms are not compared with every id. In alphabetical
-- order, the ids that begin with a form follow it. An id is one edit away if it is the form without one character, or if both are equal once a `?`
-- stands for one character of the id, and for one or none of the form. Only texts up to 64 characters, the length of a deployment name, are
-- compared this way.
with ids as (
  select case when t.form = 3 then 'digits' else 'id' end as kind, t.tracking_id as id, t.token, t.form, cast(null as string) as registered
  from malformed_ids t
  union all
  select 'id' as kind, g.tracking_id as id, cast(null as string) as token, cast(null as int) as form, g.tracking_id as registered
  from registrations g
  union all
  select 'digits' as kind, replace(g.tracking_id, '-', '') as id, cast(null as string) as token, cast(null as int) as form, g.tracking_id as registered
  from registrations g
  where g.kind = 'guid'
),
starting as (
  select w.token, w.form, r.registered
  from (
    select
      x.kind, x.id, x.token, x.form,
      min(case when x.token is null then x.id end) over (
        partition by x.kind order by x.id asc nulls last range between current row and unbounded following
      ) as next_id
    from ids x
  ) w
  join (
    select c.kind, c.id, c.registered, lead(c.id) over (partition by c.kind order by c.id asc nulls last) as next_id
    from ids c
    where c.token is null
  ) r on r.kind = w.kind and r.id = w.next_id
  where length(w.id) >= 8
    and startswith(r.id, w.id)
    and not startswith(coalesce(r.next_id, ''), w.id)
),
nearest as (
  select w.token, w.form, min(r.registered) as registered
  from (
    select p.kind, p.token, p.form, substring(p.id, 1, p.place) || p.mark || substring(p.id, p.place + p.rest) as pattern
    from (
      select x.*, explode(sequence(0, length(x.id), 1)) as place, n.mark, n.rest
      from ids x
      cross join (values ('?', 2), ('?', 1), ('', 2)) n(mark, rest)
      where x.token is not null and length(x.id) <= 64
    ) p
  ) w
  join (
    select c.kind, c.registered, c.id as pattern
    from ids c
    where c.token is null
    union all
    select p.kind, p.registered, substring(p.id, 1, p.place) || '?' || substring(p.id, p.place + 2) as pattern
    from (
      select x.*, explode(sequence(0, length(x.id), 1)) as place
      from ids x
      where x.token is null and length(x.id) <= 64
    ) p
  ) r on r.kind = w.kind and r.pattern = w.pattern
  group by w.token, w.form
)
select t.token, t.form, s.registered as starting, n.registered as nearest
from malformed_ids t
left join starting s on s.token = t.token and s.form = t.form
left join nearest n on n.token = t.token and n.form = t.form
