-- ids_to_complete: one row per registered tracking id, per id that was seen and is not registered, and per subscription with attributed
-- usage, with what tells it from the others.
-- Why: the shell completes ids, which nobody types. Customers who opted out have no subscription in a snapshot.
select w.kind, w.word, w.note
from (
  select 'tracking id' as kind, t.tracking_id as word, concat_ws(', ', t.offer, t.sku, t.channel) as note
  from tracking_ids t
  union all
  select 'unregistered' as kind, u.tracking_id as word, concat('not registered, last seen ', max(u.last_seen)) as note
  from unregistered u
  where u.kind = 'unregistered' and u.tracking_id not in (select tracking_id from tracking_ids)
  group by u.tracking_id
  union all
  select 'subscription' as kind, c.subscription_id as word, coalesce(max(c.customer_name), max(c.customer_tenant_id), '') as note
  from customers c
  group by c.subscription_id
) w
where w.word <> ''
order by w.kind, w.word
