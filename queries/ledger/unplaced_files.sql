-- one row per file with deployments of a subscription that nothing tells: how many there are, and how many subscriptions they could be of.
select src_file, count(*) as deployments, max(could_be) as could_be
from placed
where subscription_id is null
group by src_file
order by src_file
