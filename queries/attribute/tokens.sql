-- tokens: one row per text and token in it: a tracking id, or a malformed token with its reason.
-- Why: the one place where the three kinds of the grammar meet; later steps need only `tracking_id` (valid) or `reason`.
select
  g.source,
  g.text,
  g.token,
  g.tracking_id,
  g.suffix,
  case
    when g.suffix = '' then 'none'
    when g.suffix = '-partnercenter' then 'partnercenter'
    when k.value is not null then 'region'
    when regexp_like(g.suffix, '^-[a-z2-7]{13}$') then 'hash'
    else 'other'
  end as suffix_kind,
  cast(null as string) as reason
from guid_tokens g
left join well_known k on k.kind = 'region' and '-' || k.value = g.suffix
where not g.is_nil
union all
select w.source, w.text, w.token, w.tracking_id, '-partnercenter' as suffix, 'partnercenter' as suffix_kind, cast(null as string) as reason
from word_tokens w
union all
select m.source, m.text, m.token, cast(null as string) as tracking_id, cast(null as string) as suffix, cast(null as string) as suffix_kind, m.reason
from malformed_tokens m
union all
select b.source, b.text, b.token, cast(null as string) as tracking_id, cast(null as string) as suffix, cast(null as string) as suffix_kind, 'missing_prefix' as reason
from bare_ids b
