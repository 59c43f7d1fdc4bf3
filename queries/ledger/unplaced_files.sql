-- one row per file with deployments whose subscription is unknown: how many there are, and how many subscriptions they could belong to.
select src_file, count(*) as deployments, max(could_be) as could_be
from placed
where subscription_id is null
group by src_file
order by src_file
