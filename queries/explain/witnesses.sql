-- witnesses: one row per kind of evidence that can carry a tracking id. (Resource changes carry none.)
-- Why: where there is none, that an id was never seen says nothing of templates.
select kind, cast(sum(records) as bigint) as records
from evidence_reach
where kind <> 'changes'
group by kind
order by kind
