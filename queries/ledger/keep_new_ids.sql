-- stores the tracking ids that a run was the first to see.
insert into seen_ids
select tracking_id, ?
from new_ids
