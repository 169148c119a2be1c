-- Not "create or replace": the postgres container may have made it as another role,
-- and only its owner could replace it.
do $$
begin
	if to_regprocedure('update_updated_at_column()') is null then
		create function update_updated_at_column() returns trigger
		language plpgsql as $body$
		begin
			new.updated_at := now();
			return new;
		end
		$body$;
	end if;
end
$$;
