-- pg-entrypoint: no-transaction
create unique index concurrently if not exists "odd ""name" on public.users using btree (name);
drop index concurrently users_name;
vacuum (analyze) users;
alter table parts detach partition parts_1 concurrently;
