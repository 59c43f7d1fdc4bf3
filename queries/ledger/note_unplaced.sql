-- updates the reason of files whose deployments have no known subscription: `unplaced` has the files that still do, and the text after the mark.
update files set reason = nullif(rtrim(split_part(reason, getvariable('unplaced_mark'), 1), '; '), '')
where contains(reason, getvariable('unplaced_mark'));
update files set reason = concat_ws('; ', files.reason, u.says)
from unplaced u
where u.path = files.path
