-- ownerless_spans: one row per subject and span of days that no lifetime covers: before the first write, after a deletion, or always.
-- Why: with these, the spans of a subject cover all days, so every usage row gets a judgement.
select s.resource_id, s.date_from, s.date_to, s.rule
from (
  select
    o.resource_id,
    date '0001-01-01' as date_from,
    min(o.date_from) - 1 as date_to,
    'before_first_write' as rule
  from owner_spans o
  group by o.resource_id
  having min(o.date_from) > date '0001-01-01'
  union all
  select
    n.resource_id,
    n.date_to + 1 as date_from,
    coalesce(n.next_from - 1, date '9999-12-31') as date_to,
    'deleted' as rule
  from (
    select
      o.resource_id,
      o.date_to,
      lead(o.date_from) over (partition by o.resource_id order by o.date_from asc nulls last) as next_from
    from owner_spans o
  ) n
  where n.date_to < date '9999-12-31'
  union all
  select distinct k.subject_id as resource_id, date '0001-01-01' as date_from, date '9999-12-31' as date_to, 'no_write' as rule
  from subjects k
  anti join owner_spans o on o.resource_id = k.subject_id
) s
where s.date_from <= s.date_to
