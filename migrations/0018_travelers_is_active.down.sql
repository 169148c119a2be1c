alter table travelers drop column is_active;
