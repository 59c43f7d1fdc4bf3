-- forgets which judgements stand, before others take their place.
delete from judgement;
delete from judged_months
