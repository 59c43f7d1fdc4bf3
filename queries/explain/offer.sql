-- offer: one row per registered id of the offer $offer (lower case) and currency, with its channel and the money that it owns; an id without usage has
-- one row, without a currency.
-- Why: people know an offer by its name, not by the ids of its channels.
select r.tracking_id as id, concat_ws(', ', r.sku, r.channel) as label, coalesce(c.currency, '') as currency, c.cost as effective_cost
from registrations r
left join (
  select tracking_id, currency, sum(effective_cost) as cost
  from summary
  group by tracking_id, currency
) c on c.tracking_id = r.tracking_id
where lower(r.offer) = $offer
order by r.channel, r.sku, r.tracking_id, c.currency
