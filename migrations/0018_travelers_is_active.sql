alter table travelers add column is_active boolean default true;
