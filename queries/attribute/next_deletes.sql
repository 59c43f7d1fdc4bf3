-- next_deletes: one row per id of moving_ids and time at which it was written, or came by a move, with the next time at which it or an ancestor was
-- deleted or moved away (until_ts, NULL: never).
-- Why: a move takes only what was still there. The events and deletes of each id are sorted together, so that each event sees its next delete.
select n.resource_id, n.ts, min(n.until_ts) as until_ts
from (
  select
    s.resource_id,
    s.ts,
    s.is_event,
    min(s.deleted_at) over (partition by s.part_id order by s.ts asc nulls last, s.is_event asc nulls last rows between current row and unbounded following) as until_ts
  from (
    select i.part_id, i.resource_id, e.ts, null as deleted_at, 1 as is_event
    from (
      select w.resource_id, w.ts
      from direct_writes w
      where w.ts is not null
      union
      select m.new_id as resource_id, m.ts
      from moves m
      where m.ts is not null
    ) e
    join moving_ids i on i.resource_id = e.resource_id
    union all
    select d.resource_id as part_id, null as resource_id, d.ts, d.ts as deleted_at, 0 as is_event
    from delete_evidence d
    semi join moving_ids i on i.part_id = d.resource_id
  ) s
) n
where n.is_event = 1
group by n.resource_id, n.ts
