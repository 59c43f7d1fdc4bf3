-- one long User-Agent with many ids
insert into requests by name
select 'texts' as dedupe_key, hours(0) as ts, 'PUT' as method, vault('texts', 'g', 'v') as resource_id, (select string_agg('pid-' || guid(i) || ' ' || guid(i) || ' pid-words' || i || '-partnercenter pid-0' || i, ' ' order by i) from seq) as user_agent,
  'texts' as correlation_id, 200 as status, 'texts.json' as src_file, 0 as src_ordinal;
insert into uses select 'texts', sub('texts'), vault('texts', 'g', 'v'), days(i % 60), 'texts-tenant' from seq;
