-- registrations: one row per registered tracking id, with the file and record that registers it.
-- Why: MPN ID, offer, SKU and channel of every id, for joins of one's own.
select r.tracking_id, r.mpn_id, r.offer, r.sku, r.channel, r.description, r.registered_at, r.retired_at, r.kind, r.src_file, r.src_record
from registrations r
