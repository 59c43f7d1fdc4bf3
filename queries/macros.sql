-- The few functions of the shared subset that DuckDB spells differently, created when a connection opens (SPEC 8).
create or replace temp macro explode(l) as unnest(l);
create or replace temp macro startswith(s, p) as starts_with(s, p);
create or replace temp macro regexp_like(s, p) as regexp_matches(s, p);
create or replace temp macro sha2(s, bits) as sha256(s);
create or replace temp macro collect_list(x) as list(x);
create or replace temp macro sort_array(l) as list_sort(l);
create or replace temp macro array_join(l, s) as list_reduce(l, lambda a, b: a || s || b);
create or replace temp macro dec_units(x) as
  cast(trunc(cast(x as decimal(38,18))) as hugeint) * cast(1000000000000000000 as hugeint)
  + cast((cast(x as decimal(38,18)) - trunc(cast(x as decimal(38,18)))) * cast(1000000000000000000 as decimal(19,0)) as hugeint);
create or replace temp macro dec_from_units(u) as
  cast(cast(u // cast(1000000000000000000 as hugeint) as decimal(38,18))
  + cast(u % cast(1000000000000000000 as hugeint) as decimal(19,0)) * cast('0.000000000000000001' as decimal(18,18)) as decimal(38,18));
create or replace temp macro half_up(u, v) as
  cast(sign(u) * sign(v) as hugeint) * (abs(u) // abs(v) + case when abs(u) % abs(v) >= abs(v) - abs(u) % abs(v) then 1 else 0 end);
-- u / v in millionths, half away from zero. A remainder times a million is more than a hugeint holds where v is above 1.7e32 units: from
-- 10^31 on (ten trillions) the last six digits of both stay away, which no ratio of six decimals shows.
create or replace temp macro millionths(u, v) as (u // v) * 1000000::hugeint + half_up((u % v) * 1000000::hugeint, v);
create or replace temp macro dec_ratio(u, v) as case
  when abs(u // v) >= 99999999999999999999::hugeint then null
  when abs(v) >= 10000000000000000000000000000000::hugeint then dec_from_units(millionths(u // 1000000, v // 1000000) * 1000000000000::hugeint)
  else dec_from_units(millionths(u, v) * 1000000000000::hugeint) end;
-- NULL for a zero divisor and, as in Spark, for a quotient that does not fit: here from 10^20 on.
create or replace temp macro try_divide(a, b) as case
  when b = 0 then null
  when typeof(b) like 'DECIMAL(%,0)' then dec_from_units(half_up(dec_units(a), cast(b as hugeint)))
  else dec_ratio(dec_units(a), dec_units(b)) end;
create or replace temp macro substring_index(s, d, n) as list_reduce(string_split(s, d)[1:n], lambda a, b: a || d || b);
create or replace temp macro slice(l, a, n) as l[a:a + n - 1];
create or replace temp macro sequence(a, b, c) as generate_series(a, b, c);
-- A digest of the rows of a table, in any order (DuckDB only).
create or replace temp macro rows_digest(x) as concat_ws(' ', count(*), sum(md5_number_lower(x)), sum(md5_number_upper(x)));
