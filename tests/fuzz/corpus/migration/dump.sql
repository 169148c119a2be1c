\restrict abc
set standard_conforming_strings = on;
copy public.users (id, name) from stdin;
1	one
2	\N
\.

select pg_catalog.setval('users_id_seq', 2, true);
\unrestrict abc
