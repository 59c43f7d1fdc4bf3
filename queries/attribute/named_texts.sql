-- named_texts: one row per text of a snapshot table that contains an id or a resource group of a customer who opted out.
-- Why: deployment names, paths and quotations from files are free text and may reveal the customer. asked_texts has the distinct texts of the table
-- that is being published. A resource group ends at the first character that no group name has; a comma or full stop after it does not belong to
-- it. In URLs the slashes may be written %2f.
select distinct i.text
from (
  select text, explode(regexp_extract_all(lower(text), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 0)) as id
  from asked_texts
  union all
  select text, explode(regexp_extract_all(plain, '/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/"?#& ]+', 0)) as id
  from (
    select text, translate(replace(lower(text), '%2f', '/'), chr(9) || chr(10) || chr(11) || chr(12) || chr(13), '     ') as plain
    from asked_texts
  ) t
) i
join hidden_ids h on h.id = trim(trailing ',;:.' from i.id) and h.until = date '9999-12-31'
