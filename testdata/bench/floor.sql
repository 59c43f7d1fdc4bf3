-- floor: how long it takes only to read the usage and the activity log, run in the data folder.
-- Why: nothing that looks at every record can be faster; a full run is measured as a multiple of this (SPEC 9).
select count(*)
from read_csv('exports/cost/**/*.csv', header = true, all_varchar = true, hive_partitioning = false);

select count(*)
from read_json('exports/insights-activity-logs/**/PT1H.json', format = 'newline_delimited', hive_partitioning = false);
