-- token_texts: one row per different text that may carry a tracking id, by its text_key, with its ASCII lower-case form.
-- Why: the same name stands in many records; the grammar runs once per text. ASCII only, so that every engine folds alike.
select
  s.source,
  s.text_key as text,
  translate(min(s.text), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') as t
from sighting_texts s
where s.text is not null
group by s.source, s.text_key
