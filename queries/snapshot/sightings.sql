-- sightings: one row per token seen in a deployment name or User-Agent, with its request, time, and the file and record it stands in.
-- Why: the first link of every chain of evidence, also for malformed tokens. Scopes that opted out are left out whole.
select s.tracking_id, s.token, s.suffix, s.suffix_kind, s.reason, s.source, s.text, s.correlation_id, s.ts, s.scope_id, s.target_id, s.evidence, s.src_file, s.src_ordinal, s.ts as on_day
from sightings s
