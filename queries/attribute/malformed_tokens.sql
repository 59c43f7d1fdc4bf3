-- malformed_tokens: one row per text and broken `pid-` token in it, with the first reason that fits (grammar rule (c) of SPEC 4).
-- Why: a partner's usage is lost where its id was pasted with 31 digits or cut by a length limit; such tokens are shown, never attributed. In a
-- User-Agent a token runs to the next blank or delimiter, including brackets if it may be a token of words. In a deployment name it counts only at
-- the start of the name, and only if one of its first five groups looks like a piece of a GUID. A token that starts with a valid one is not
-- malformed.
select
  r.source,
  r.text,
  r.token,
  case
    when regexp_like(r.g1 || '-' || r.g2 || '-' || r.g3 || '-' || r.g4 || '-' || r.g5, '^(0+-0+-0+-0+-0+|0{32}-.*)$') then 'nil'
    when regexp_like(r.g1, '^x{4,}$') or regexp_like(r.g2, '^x{4,}$') or regexp_like(r.g3, '^x{4,}$') or regexp_like(r.g4, '^x{4,}$') or regexp_like(r.g5, '^x{4,}$') then 'placeholder'
    when regexp_like(r.body, '^[0-9a-f]{0,8}$')
      or regexp_like(r.body, '^[0-9a-f]{8}[_-][0-9a-f]{0,4}$')
      or regexp_like(r.body, '^[0-9a-f]{8}[_-][0-9a-f]{4}[_-][0-9a-f]{0,4}$')
      or regexp_like(r.body, '^[0-9a-f]{8}[_-][0-9a-f]{4}[_-][0-9a-f]{4}[_-][0-9a-f]{0,4}$') then 'truncated'
    when not regexp_like(r.g1, '^[0-9a-f]+$') or not regexp_like(r.g2, '^[0-9a-f]+$') or not regexp_like(r.g3, '^[0-9a-f]+$') or not regexp_like(r.g4, '^[0-9a-f]+$') or not regexp_like(r.g5, '^[0-9a-f]+$') then 'not_hex'
    when length(r.g1 || r.g2 || r.g3 || r.g4 || r.g5) < 32 then 'too_short'
    when length(r.g1 || r.g2 || r.g3 || r.g4 || r.g5) > 32 then 'too_long'
    when length(r.g1) <> 8 then case when length(r.g1) < 8 then 'too_short' else 'too_long' end
    when length(r.g2) <> 4 then case when length(r.g2) < 4 then 'too_short' else 'too_long' end
    when length(r.g3) <> 4 then case when length(r.g3) < 4 then 'too_short' else 'too_long' end
    when length(r.g4) <> 4 then case when length(r.g4) < 4 then 'too_short' else 'too_long' end
    else 'not_hex'
  end as reason
from (
  select
    b.source,
    b.text,
    b.token,
    b.body,
    regexp_extract(b.token, '^pid-[0-9a-z._()-]*?[0-9a-z.()]-partnercenter[0-9a-z]*', 0) as words,
    split_part(b.groups, '-', 1) as g1,
    split_part(b.groups, '-', 2) as g2,
    split_part(b.groups, '-', 3) as g3,
    split_part(b.groups, '-', 4) as g4,
    split_part(b.groups, '-', 5) as g5
  from (
    select n.source, n.text, n.token, substring(n.token, 5) as body, replace(substring(n.token, 5), '_', '-') as groups
    from (
      select distinct h.source, h.text, regexp_extract(substring(h.hit, instr(h.hit, 'pid-')), '^pid-[0-9a-z_.()-]*[0-9a-z_-]', 0) as token
      from (
        select x.source, x.text, explode(slice(regexp_extract_all(x.t, '(^|[^0-9a-z])(pid-[0-9a-z._()-]*?[0-9a-z.()]-partnercenter[0-9a-z]*[0-9a-z_.-]*|pid-[0-9a-z][0-9a-z_.-]*)', 0), 1, 32)) as hit
        from token_texts x
        where x.source = 'user_agent'
      ) h
      union all
      select x.source, x.text, x.t as token
      from token_texts x
      where x.source = 'deployment_name'
        and x.t like 'pid-%'
    ) n
  ) b
) r
where not (
    regexp_like(r.token, '^pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}([^0-9a-f]|$)')
    and r.token not like 'pid-00000000-0000-0000-0000-000000000000%'
  )
  and not (
    r.words like '%-partnercenter'
    and not regexp_like(r.token, '^pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}([^0-9a-f]|$)')
  )
  and (
    r.source = 'user_agent'
    or (regexp_like(r.g1, '^[0-9a-f]{4,}$') and regexp_like(r.g1, '[0-9]'))
    or (regexp_like(r.g2, '^[0-9a-f]{4,}$') and regexp_like(r.g2, '[0-9]'))
    or (regexp_like(r.g3, '^[0-9a-f]{4,}$') and regexp_like(r.g3, '[0-9]'))
    or (regexp_like(r.g4, '^[0-9a-f]{4,}$') and regexp_like(r.g4, '[0-9]'))
    or (regexp_like(r.g5, '^[0-9a-f]{4,}$') and regexp_like(r.g5, '[0-9]'))
  )
