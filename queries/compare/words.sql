-- words: one row per channel, offer, MPN ID, month and currency that the snapshot knows.
-- Why: a word that is not one of them is a mistake, and the nearest one is what was meant. Months and currencies are those of all usage, not
-- only of attributed usage: before its first month a snapshot knows nothing, and a month without attributed usage is a month.
select w.kind, w.word
from (
  select 'channel' as kind, channel as word from registrations
  union
  select 'channel' as kind, channel as word from customers
  union
  select 'offer' as kind, offer as word from registrations
  union
  select 'offer' as kind, offer as word from customers
  union
  select 'mpn' as kind, mpn_id as word from registrations
  union
  select 'mpn' as kind, mpn_id as word from customers
  union
  select 'month' as kind, month as word from coverage
  union
  select 'currency' as kind, currency as word from coverage
) w
where w.word <> ''
order by w.kind, w.word
