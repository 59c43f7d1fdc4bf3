-- one row per tracking id that no earlier run has sighted.
select distinct s.tracking_id
from sightings s
anti join seen_ids k on k.tracking_id = s.tracking_id
where s.tracking_id is not null
