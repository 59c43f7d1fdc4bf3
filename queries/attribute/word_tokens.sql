-- word_tokens: one row per text and `pid-<words>-partnercenter` in it, a Marketplace id that is not a GUID.
-- Why: grammar rule (b) of SPEC 4. The pattern also takes letters and digits that follow the words, so a token that ends with `-partnercenter` is
-- whole; the words may have any character of a deployment name. A GUID with that suffix is a GUID token and left to rule (a).
select
  w.source,
  w.text,
  w.token,
  substring(w.token, 5, length(w.token) - 18) as tracking_id
from (
  select distinct m.source, m.text, substring(m.hit, instr(m.hit, 'pid-')) as token
  from (
    select x.source, x.text, explode(slice(regexp_extract_all(x.t, '(^|[^0-9a-z])pid-[0-9a-z._()-]*?[0-9a-z.()]-partnercenter[0-9a-z]*', 0), 1, 32)) as hit
    from token_texts x
  ) m
) w
where w.token like '%-partnercenter'
  and not regexp_like(w.token, '^pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}([^0-9a-f]|$)')
