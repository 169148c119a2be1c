--
-- PostgreSQL database dump
--

\restrict FdO0Pp2zvdbiua21LJEHuo8m7MOiuNkTDHnEnPemoR3yZnh8mrbWDFUMyItbCCs

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 18.6

SELECT (ARRAY[1, 2])[1:'2'];
--
-- PostgreSQL database dump complete
--

\unrestrict FdO0Pp2zvdbiua21LJEHuo8m7MOiuNkTDHnEnPemoR3yZnh8mrbWDFUMyItbCCs

