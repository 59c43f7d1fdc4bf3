-- offer: one row per registered id of the offer $offer (lower case), with its channel and the money that it owns.
-- Why: people know an offer by its name, not by the ids of its channels.
select
  'tracking_id' as kind, r.tracking_id as id,
  concat_ws(', ', r.sku, r.channel, coalesce(string_agg(cast(cast(c.cost as decimal(38,2)) as varchar) || ' ' || c.currency, ', ' order by c.currency), 'no usage')) as label
from registrations r
left join (
  select tracking_id, currency, sum(effective_cost) as cost
  from summary
  group by tracking_id, currency
) c on c.tracking_id = r.tracking_id
where lower(r.offer) = $offer
group by r.tracking_id, r.sku, r.channel
order by r.channel, r.sku, r.tracking_id
