-- resources: one row per resource with usage that counts, with the first day of its usage, and of usage with a positive quantity.
-- Why: usage before the first known write tells that the resource is older than that. Of a subscription that a customer who opted out had
-- before only what another uses since, from the day on which it changed hands.
select
  u.resource_id,
  u.subscription_id,
  case when v.shown_from > u.first_usage_date then v.shown_from else u.first_usage_date end as first_usage_date,
  case when v.shown_from > u.first_positive_date then v.shown_from else u.first_positive_date end as first_positive_date
from usage_resources u
left join hidden_ids h on h.id = split_part(u.resource_id, '/', 3)
left join hidden_ids g on g.id = u.resource_group_id
left join shown_resources v on v.resource_id = u.resource_id
where (h.id is null or v.resource_id is not null) and g.id is null
