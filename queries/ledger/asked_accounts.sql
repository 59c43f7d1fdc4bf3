-- the billing accounts that the rows of a slice name, as they are written there.
select distinct billing_account_id
from asked_slice
where billing_account_id is not null
order by billing_account_id
