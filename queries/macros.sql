-- The few functions of the shared subset that DuckDB spells differently, created when a connection opens (SPEC 8).
create or replace temp macro explode(l) as unnest(l);
create or replace temp macro startswith(s, p) as starts_with(s, p);
create or replace temp macro regexp_like(s, p) as regexp_matches(s, p);
create or replace temp macro unix_micros(t) as epoch_us(t);
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
create or replace temp macro try_divide(a, b) as case
  when b = 0 then null
  when typeof(b) like 'DECIMAL(%,0)' then dec_from_units(half_up(dec_units(a), cast(b as hugeint)))
  else dec_from_units(((dec_units(a) // dec_units(b)) * 1000000::hugeint
       + half_up((dec_units(a) % dec_units(b)) * 1000000::hugeint, dec_units(b))) * 1000000000000::hugeint) end;
