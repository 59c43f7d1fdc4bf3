-- token_texts: one row per different text that may carry a tracking id, by its text_key, with its ASCII lower-case form.
-- Why: the same name occurs in many records; the grammar runs once per text. ASCII only, so that every engine folds alike. Line ends become blanks,
-- because engines disagree on where `.` stops and where `$` matches.
select
  s.source,
  s.text_key as text,
  translate(min(s.text), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' || url_decode('%0A%0D%C2%85%E2%80%A8%E2%80%A9'), 'abcdefghijklmnopqrstuvwxyz     ') as t
from sighting_texts s
where s.text is not null
group by s.source, s.text_key
