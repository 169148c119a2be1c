-- pg-entrypoint: no-transaction
-- For the search box: part_description ilike '%panel%'.
create index concurrently travelers_search on travelers using gin (part_description gin_trgm_ops);
