-- Schema version 6: rows without a subscription stand under one key, whatever export holds them, so that a wider export and a download meet them.
-- A slice has one scope: no two lines become one.

update slice_days set subscription_key = '()' where subscription_key like '(%';
update slice_pairs set subscription_key = '()' where subscription_key like '(%';

-- months are judged again: what they were judged by looks different now
delete from judgement;
delete from judged_months;
