-- lint_misspelled: one row per malformed token that was probably meant to be a registered id, and the id.
-- Why: usage that such a token should own is lost until the template is corrected; the token says which one it is.
select m.suggestion as tracking_id, m.token, m.reason, m.source, m.first_seen, m.last_seen, m.sightings
from malformed m
where m.suggestion is not null
order by m.suggestion, m.token, m.reason
