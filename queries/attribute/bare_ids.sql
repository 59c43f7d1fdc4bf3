-- bare_ids: one row per text and registered GUID in it that lacks its `pid-` (grammar rule (d) of SPEC 4: `missing_prefix`).
-- Why: without the prefix nothing is attributed, by Microsoft or by us; a registered id there is a mistake worth showing. The pattern also matches
-- a `pid-` before and surplus hex digits after, so a match without either is a bare GUID.
select
  g.source,
  g.text,
  g.token
from (
  select distinct m.source, m.text, regexp_extract(m.hit, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9a-f]*$', 0) as token
  from (
    select x.source, x.text, explode(slice(regexp_extract_all(x.t, '(pid-|^|[^0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9a-f]*', 0), 1, 32)) as hit
    from token_texts x
  ) m
  where m.hit not like 'pid-%'
) g
join registrations r on r.tracking_id = g.token
