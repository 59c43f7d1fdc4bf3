-- the ids of customers who opted out, on any date, except subscriptions that have since been transferred.
select id
from hidden_ids
where until = date '9999-12-31'
order by id
