-- how many rejects go: those of the files that are taken back, and those that name a forgotten customer in their path, cell or reason.
select count(*)
from rejects
where path in (select path from forget_files) or names_forgotten(concat_ws(' ', path, value, reason))
