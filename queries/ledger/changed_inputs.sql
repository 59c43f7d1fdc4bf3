-- changed_inputs: one row per kind of input that changed since the reports were last published: usage by month, the others for all months (NULL),
-- with the time of the change. An input without a time of its own has that of this run, and the run has a row itself. new_restatements says what
-- these mean.
select 'usage' as input, month_start, max(replaced_at) as changed_at
from replaced_months
group by month_start
union all
select 'usage', coalesce(n.month_start, r.month_start), now.at
from delivered_usage n
full join reported_usage r on r.month_start = n.month_start
cross join (select cast(getvariable('run_started') as timestamp) as at) now
where n.digest is distinct from r.digest
  and exists (select 1 from reported_usage)
  and coalesce(n.month_start, r.month_start) not in (select month_start from replaced_months)
union all
select c.input, cast(null as date), cast(getvariable('run_started') as timestamp)
from (
  select unnest(['settings', 'program', 'exclusions', 'registry', 'evidence']) as input,
    unnest([f.settings <> n.settings, f.program <> n.program, f.exclusions <> n.exclusions, f.registry <> n.registry, f.evidence <> n.evidence]) as differs
  from reported_from f
  cross join inputs_now n
) c
where c.differs
union all
select 'run', cast(null as date), cast(getvariable('run_started') as timestamp)
