-- lint_misspelled: one row per malformed token that was probably meant to be a registered id, and the id.
-- Why: the usage behind such a token is lost until the template is mended; the token tells which one it is.
select m.suggestion as tracking_id, m.token, m.reason, m.source, m.first_seen, m.last_seen, m.sightings
from malformed m
where m.suggestion is not null
order by m.suggestion, m.token, m.reason
