-- title: x
-- purpose: y
select 1
