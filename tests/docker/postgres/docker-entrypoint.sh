#!/bin/bash
# The contract of the official image's script: POSTGRES_USER, _PASSWORD, _DB, _INITDB_ARGS and their _FILE; on an empty PGDATA
# initdb, a temporary server that listens on the socket only, the database, /docker-entrypoint-initdb.d, its stop, and then the
# server; started as root it becomes postgres.
set -euo pipefail

# value NAME DEFAULT: NAME, or the content of the file that NAME_FILE names; both are an error.
value() {
	local name=$1 file=$1_FILE
	if [ -n "${!name-}" ] && [ -n "${!file-}" ]; then
		echo "error: both $name and $file are set (but are exclusive)" >&2
		exit 1
	fi
	if [ -n "${!file-}" ]; then
		cat "${!file}"
	else
		echo "${!name:-$2}"
	fi
}

as_client() {
	psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "$user" "$@"
}

init_database() {
	local file
	initdb -U "$user" --pwfile=<(echo "$password") -E UTF8 --locale=C.UTF-8 -A scram-sha-256 >/dev/null
	printf '%s\n' 'local all all trust' 'host all all all scram-sha-256' >"$PGDATA/pg_hba.conf"
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
	pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start >/dev/null
	[ "$database" = postgres ] || as_client -d postgres -c "create database \"$database\""
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sh)
			# shellcheck disable=SC1090 # whatever is mounted there
			if [ -x "$file" ]; then "$file"; else . "$file"; fi
			;;
		*.sql) as_client -d "$database" -f "$file" ;;
		*.sql.gz) gunzip -c "$file" | as_client -d "$database" ;;
		*) echo "$0: ignoring $file" ;;
		esac
	done
	pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
	echo 'PostgreSQL init process complete; ready for start up.'
}

if [ "${1-}" = postgres ] && [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA"
	chown -R postgres:postgres "$PGDATA" /var/run/postgresql
	chmod 700 "$PGDATA"
	exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$0" "$@"
fi
if [ "${1-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
	user=$(value POSTGRES_USER postgres)
	password=$(value POSTGRES_PASSWORD '')
	database=$(value POSTGRES_DB "$user")
	if [ -z "$password" ]; then
		echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
		exit 1
	fi
	init_database
fi
exec "$@"
