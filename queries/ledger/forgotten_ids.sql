-- the SHA-256 of each subscription and tenant that was forgotten.
select value
from forgotten
where kind in ('subscription', 'tenant')
