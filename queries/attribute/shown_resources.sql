-- shown_resources: one row per resource that is shown although a customer who opted out owned its subscription before: somebody else has used it
-- since the day shown_from.
-- Why: of such a subscription, only what the new owner uses may be named (SPEC 5.B), not what ended with the old one.
select r.resource_id, h.until + 1 as shown_from
from (
  select s.resource_id
  from status_sums s
  union
  select i.resource_id
  from id_resources i
) r
join hidden_ids h on h.id = split_part(r.resource_id, '/', 3) and h.until < date '9999-12-31'
