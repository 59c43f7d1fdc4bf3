-- keeps the reason of files that say what is missing up to date: `unplaced` has those that still do, and all that they say after the mark.
update files set reason = nullif(rtrim(split_part(reason, getvariable('unplaced_mark'), 1), '; '), '')
where contains(reason, getvariable('unplaced_mark'));
update files set reason = concat_ws('; ', files.reason, u.says)
from unplaced u
where u.path = files.path
