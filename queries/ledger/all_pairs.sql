-- asked_days where nothing is kept from earlier nights: one row per pair of slices, subscription and day that both may hold, all of them to be compared.
select distinct slice_id, other_id, subscription_key, usage_date
from met_days
