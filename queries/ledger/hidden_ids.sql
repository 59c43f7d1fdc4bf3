-- the ids of customers who opted out, on whatever date; not of subscriptions that are somebody else's since.
select id
from hidden_ids
where until = date '9999-12-31'
order by id
