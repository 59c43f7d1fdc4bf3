-- token: at most one row, what is known of the malformed $token.
-- Why: its reason, and the registered id that was probably meant.
select token, reason, suggestion, source, first_seen, last_seen, sightings
from malformed
where token = $token
order by reason
limit 1
