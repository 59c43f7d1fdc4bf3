-- one row per file with amounts beyond 10^12, the most affected first: the one to remove so that sums can hold the rest.
select u.blob_name
from usage u
where abs(u.quantity) > 1000000000000 or abs(u.billed_cost) > 1000000000000 or abs(u.effective_cost) > 1000000000000
  or abs(u.cost_usd) > 1000000000000 or abs(u.list_cost) > 1000000000000
group by u.blob_name
order by count(*) desc, u.blob_name
