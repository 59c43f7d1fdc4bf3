-- lint_never_seen: one row per registered tracking id that no deployment and no call carried.
-- Why: its template was never used, or it carries another id. Where nothing was delivered that could carry an id, it says nothing.
select t.tracking_id
from tracking_ids t
where t.first_seen is null
  and exists (select 1 from evidence_reach e where e.kind <> 'changes')
order by t.tracking_id
