-- What initdb.d makes and the next files need, for a database where initdb.d never ran.
create extension if not exists pg_trgm;

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
