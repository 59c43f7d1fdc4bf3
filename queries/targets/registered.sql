-- registered: one row per offer and channel that ids are registered with (the report tracking_ids has every registration).
-- Why: a target for a name that no id has is never reached, and a slip of the pen looks like a bad month.
select
  coalesce(offer, '') as offer,
  coalesce(channel, '') as channel
from tracking_ids
group by coalesce(offer, ''), coalesce(channel, '')
order by offer asc nulls first, channel asc nulls first
