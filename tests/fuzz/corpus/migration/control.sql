start transaction;
select 1;
rollback;
commit and chain;
