-- near: one row per known id that a person who wrote $word may have meant, nearest first.
-- Why: ids are copied by hand and cut off by terminals. $word is the last part of what was written. Two mistakes at most, or a beginning
-- of at least four characters. Of a path ($path) only the last part is taken for misspelt, and the subscription as it is.
with
known as (
  select distinct 'tracking_id' as kind, tracking_id as id, tracking_id as word
  from (select tracking_id from registrations union select tracking_id from sightings where tracking_id is not null)
  union all
  select 'token', token, token from malformed
  union all
  select distinct 'request', correlation_id, correlation_id
  from (select correlation_id from deployments union select correlation_id from sightings union select correlation_id from writes)
  union all
  select distinct 'subscription', '/subscriptions/' || subscription_id, subscription_id
  from (select subscription_id from evidence_reach union select subscription_id from resources)
  union all
  select distinct 'resource', resource_id, split_part(resource_id, '/', -1)
  from (select resource_id from resources union select resource_id from writes)
  union all
  select distinct 'deployment', dep_id, split_part(dep_id, '/', -1) from deployments
),
measured as (
  select
    kind,
    id,
    case
      when word = $word then 0
      when length($word) >= 4 and starts_with(word, $word) then 1
      when length(word) <= 64 and length($word) <= 64 and abs(length(word) - length($word)) <= 2 then damerau_levenshtein(word, $word)
    end as distance
  from known
)
select kind, id, cast(null as varchar) as label
from measured
where distance <= least(2, greatest(1, length($word) // 3))
  and ($path = '' or split_part(id, '/', 3) = split_part($path, '/', 3))
order by distance, kind, id
limit 8
