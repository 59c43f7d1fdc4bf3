-- sightings: one row per token seen in $requests or $scopes (one a line), as the tracking id $tracking, or as the malformed $token.
-- Why: the first link of a chain. The same text in the same place, in any case of its letters, is one sighting by several records: given is
-- the deployment's own record, else the earliest.
select
  tracking_id, token, reason, source, correlation_id, scope_id,
  arg_min(text, choice) as text,
  arg_min(ts, choice) as ts,
  arg_min(evidence, choice) as evidence,
  arg_min(src_file, choice) as file,
  arg_min(src_ordinal, choice) as record
from (
  select *, (case when evidence = 'deployment' then 0 else 1 end, ts, src_file, src_ordinal) as choice
  from sightings
)
where correlation_id in (select unnest(string_split($requests, chr(10))))
  or scope_id in (select unnest(string_split($scopes, chr(10))))
  or tracking_id = $tracking
  or (reason is not null and token = $token)
group by tracking_id, token, reason, source, lower(text), correlation_id, scope_id
order by min(ts), correlation_id, scope_id, token
