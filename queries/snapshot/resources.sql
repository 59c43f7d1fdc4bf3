-- resources: one row per resource with usage that counts, with the first day of its usage, and of usage with a positive quantity.
-- Why: usage before the first known write tells that the resource is older than that. Of a subscription that a customer who opted out had
-- before only what another uses since, from the day on which it changed hands.
select
  u.resource_id,
  u.subscription_id,
  case when v.shown_from > u.first_usage_date then v.shown_from else u.first_usage_date end as first_usage_date,
  case when v.shown_from > u.first_positive_date then v.shown_from else u.first_positive_date end as first_positive_date,
  v.shown_from as on_day
from usage_resources u
left join shown_resources v on v.resource_id = u.resource_id
