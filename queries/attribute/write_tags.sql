-- write_tags: one row per write and tracking id that tags it, with its rank among the ids of that write.
-- Why: the order of SPEC 5.E: in force, late or retired, unregistered, system; partnercenter first; deployment name before User-Agent; earliest
-- sighting; id. Rank 1 is the primary. Malformed tokens rank last. A tag of one target reaches everything in it; each write is joined with its
-- ancestors first, so that the many calls of one correlation id are not compared with each other.
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
    join tag_standings t on t.correlation_id = w.correlation_id and t.target_id = w.resource_id
    union all
    select c.resource_id, c.correlation_id, c.ts, t.tracking_id, t.standing, t.kind_rank, t.source_rank, t.first_ts
    from (
      select distinct w.resource_id, w.correlation_id, w.ts, a.ancestor_id
      from writes w
      semi join (
        select x.correlation_id
        from tag_standings x
        where x.target_id is not null
      ) x
        on x.correlation_id = w.correlation_id
      join ancestors a on a.resource_id = w.resource_id
    ) c
    join tag_standings t on t.correlation_id = c.correlation_id and t.target_id = c.ancestor_id
  ) g
  group by g.resource_id, g.correlation_id, g.tracking_id, g.standing
) m
