\echo hello
\set ON_ERROR_STOP on
select E'it\'s', U&'d\0061t', x'1F', $$;$$;
/* /* nested */ ; */ select 1
