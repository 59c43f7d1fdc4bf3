-- one row per export run that was ever looked into: what its rows say of the accounts that are billed and of their days.
select run_key, change_token, accounts, agreement, days
from run_contents
