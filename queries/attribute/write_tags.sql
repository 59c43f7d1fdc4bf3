-- write_tags: one row per write and tracking id that tags it, with its rank among the ids of that write.
-- Why: the order of SPEC 5.E: in force, late or retired, unregistered, system; partnercenter first; deployment name before
-- User-Agent; earliest sighting; id. Rank 1 is the primary. Malformed tokens rank last.
select
  m.resource_id,
  m.correlation_id,
  m.tracking_id,
  m.standing,
  m.ts,
  case when m.source_rank = 0 then 'template' else 'user_agent' end as method,
  row_number() over (
    partition by m.resource_id, m.correlation_id
    order by
      case m.standing when 'in_force' then 0 when 'late' then 1 when 'retired' then 1 when 'unregistered' then 2 when 'system' then 3 else 4 end asc nulls last,
      m.kind_rank asc nulls last,
      m.source_rank asc nulls last,
      m.first_ts asc nulls last,
      m.tracking_id asc nulls last
  ) as place
from (
  select
    g.resource_id,
    g.correlation_id,
    g.tracking_id,
    g.standing,
    min(g.kind_rank) as kind_rank,
    min(g.source_rank) as source_rank,
    min(g.first_ts) as first_ts,
    min(g.ts) as ts
  from (
    select w.resource_id, w.correlation_id, w.ts, t.tracking_id, t.standing, t.kind_rank, t.source_rank, t.first_ts
    from writes w
    join tag_standings t on t.correlation_id = w.correlation_id
    where t.target_id is null
    union all
    select w.resource_id, w.correlation_id, w.ts, t.tracking_id, t.standing, t.kind_rank, t.source_rank, t.first_ts
    from writes w
    join tag_standings t on t.correlation_id = w.correlation_id
    where t.target_id is not null and startswith(w.resource_id || '/', t.target_id || '/')
  ) g
  group by g.resource_id, g.correlation_id, g.tracking_id, g.standing
) m
