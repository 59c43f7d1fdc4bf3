-- how many things were forgotten since the last run of ingest began.
select count(*) from forgotten
where forgotten_at >= (select coalesce(max(started_at), timestamp '0001-01-01') from runs where command = 'ingest')
