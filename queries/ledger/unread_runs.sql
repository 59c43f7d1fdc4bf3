-- how many loaded export runs an older pidledger loaded, which did not keep what their rows say.
select count(*)
from slices s
anti join run_contents c on c.run_key = s.run_key and c.change_token = s.change_token and c.days is not null
where s.month_start is not null
