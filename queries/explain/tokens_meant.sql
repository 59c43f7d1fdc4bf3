-- tokens_meant: one row per malformed token that was probably meant to be the id $tracking.
-- Why: an id that is never seen may be there, misspelt.
select token, reason, suggestion, source, first_seen, last_seen, sightings
from malformed
where suggestion = $tracking
order by token, reason
