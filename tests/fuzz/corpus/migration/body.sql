begin;
create function f() returns trigger language plpgsql as $body$
begin
	new.name := 'semi;colon';
	return new;
end
$body$;
create procedure p() begin atomic select 1; select case when true then 2 end; end;
commit;
