-- witnesses: one row per kind of evidence that can carry a tracking id. (Resource changes carry none.)
-- Why: where there is none, that an id was never seen says nothing of templates.
select distinct kind
from evidence_reach
where kind <> 'changes'
order by kind
