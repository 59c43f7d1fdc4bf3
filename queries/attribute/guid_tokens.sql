-- guid_tokens: one row per text and `pid-<GUID>` in it; `is_nil` marks the all-zero GUID, which is malformed.
-- Why: grammar rule (a) of SPEC 4: left boundary, shape 8-4-4-4-12, not followed by a hex digit. The greedy tail takes surplus hex digits, so a
-- valid token has exactly 40 characters; the suffix is what follows it. Each rule takes only the first 32 matches of a text, so that nobody can
-- send a text that costs its length times its tokens.
select
  g.source,
  g.text,
  g.token,
  substring(g.token, 5, 36) as tracking_id,
  g.token = 'pid-00000000-0000-0000-0000-000000000000' as is_nil,
  g.suffix
from (
  select distinct
    m.source,
    m.text,
    substring(m.hit, instr(m.hit, 'pid-')) as token,
    regexp_extract(substring(m.t, instr(m.t, substring(m.hit, instr(m.hit, 'pid-'))) + 40), '^[0-9a-z._()-]*', 0) as suffix
  from (
    select x.source, x.text, x.t, explode(slice(regexp_extract_all(x.t, '(^|[^0-9a-z])pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9a-f]*', 0), 1, 32)) as hit
    from token_texts x
  ) m
) g
where length(g.token) = 40
