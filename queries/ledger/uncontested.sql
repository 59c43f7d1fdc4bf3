-- staged records whose key is new and occurs only once.
select *
from staged
anti join contested using (dedupe_key)
