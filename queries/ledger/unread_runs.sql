-- how many export runs were loaded by an older pidledger, which did not store the accounts and days of their rows.
select count(*)
from slices s
anti join run_contents c on c.run_key = s.run_key and c.change_token = s.change_token and c.days is not null
where s.month_start is not null
