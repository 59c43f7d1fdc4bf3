-- registrations: one row per registered id of $ids (one a line), with the record that registers it.
-- Why: the link from an id to MPN ID, offer, SKU and channel.
select
  tracking_id, mpn_id, offer, sku, channel, description, registered_at, retired_at,
  cast(null as varchar) as evidence, src_file as file, src_record as record
from registrations
where tracking_id in (select unnest(string_split($ids, chr(10))))
order by tracking_id
