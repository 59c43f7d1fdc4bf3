-- Names some_text a customer who opted out: has it an id of theirs, or their resource group, in it? (DuckDB only)
-- Asked of distinct texts, where what is published is filtered.
create or replace temp macro names_hidden(some_text) as exists (
  select 1
  from (
    select explode(list_concat(
      regexp_extract_all(lower(some_text), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'),
      list_transform(
        regexp_extract_all(replace(lower(some_text), '%2f', '/'), '/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/"?#&\s]+'),
        lambda g: rtrim(g, ',;:.')
      )
    )) as id
  ) i
  join hidden_ids h on h.id = i.id and h.until = date '9999-12-31'
);
-- May what a row that could not be used says, or what is quoted of it, be a name? Nobody knows whose such a row is, for its file may hold no
-- other rows of that customer; but a number or a date names nobody.
create or replace temp macro may_name(some_value) as regexp_matches(some_value, '[^0-9.,:;/+\-\sTZeE%()]');
create or replace temp macro may_quote(some_text) as regexp_matches(some_text, '"[^"]*[^0-9.,:;/+\-\sTZeE%()"][^"]*"');
