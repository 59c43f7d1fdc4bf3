-- one row per export run that was ever read: the billing accounts and days of its rows.
select run_key, change_token, accounts, agreement, days
from run_contents
