-- pg-entrypoint: no-transaction
drop index concurrently if exists travelers_search;
