# shellcheck shell=bash
# A throwaway PostgreSQL for the demo and the bench; to be sourced. Trusts everybody who reaches it, so it listens on a
# socket in its own folder and, when asked, on loopback.

# need PROGRAM PACKAGE...: installs the packages when there is no such program (an absolute path: no such file).
need() {
	local program=$1
	shift
	if command -v "$program" >/dev/null || [[ -e $program ]]; then
		return
	fi
	if ((EUID != 0)); then
		echo "missing $program: run as root, or install $*" >&2
		return 1
	fi
	echo "installing $*"
	apt_quietly "$@"
}

apt_quietly() {
	local log
	log=$(mktemp)
	if [[ -z ${apt_is_updated-} ]]; then
		apt_is_updated=yes
		apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; return 1; }
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >"$log" 2>&1 ||
		{ cat "$log" >&2; return 1; }
	rm -f "$log"
}

# Sets postgres_bin. Debian's package would start a server of its own on port 5432: not wanted here.
postgres_install() {
	local no_cluster=/etc/postgresql-common/createcluster.d/pg-entrypoint-none.conf status=0

	if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
		need /usr/share/postgresql-common postgresql-common || return
		mkdir -p "${no_cluster%/*}" # is read by the package, but not made by it
		echo 'create_main_cluster = false' >"$no_cluster"
		need /usr/lib/postgresql/none postgresql || status=$?
		rm -f "$no_cluster"
		((status == 0)) || return "$status"
	fi
	# 15 is what NEXUS runs on; else the newest.
	postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	if [[ -x /usr/lib/postgresql/15/bin/postgres ]]; then
		postgres_bin=/usr/lib/postgresql/15/bin
	fi
}

# The server refuses to run as root. exec: the pid of this is the pid of the program.
exec_as_postgres() {
	if ((EUID == 0)); then
		exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
	else
		exec "$@"
	fi
}

# postgres_start FOLDER [POSTGRES-OPTION...]: makes a cluster in FOLDER and starts it, socket in FOLDER. Sets postgres_pid.
postgres_start() {
	local folder=$1 tries
	shift
	mkdir -p "$folder"
	if ((EUID == 0)); then
		chown postgres "$folder"
	fi
	(
		exec_as_postgres "$postgres_bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
			--encoding=UTF8 --locale=C.UTF-8 --no-sync
	) >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; return 1; }
	(
		cd "$folder" || exit
		exec_as_postgres "$postgres_bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= "$@"
	) >"$folder/server.log" 2>&1 &
	postgres_pid=$!
	for ((tries = 0; tries < 300; tries++)); do
		# Its eighth line says how far it is.
		if grep -qs '^ready' "$folder/data/postmaster.pid"; then
			return
		fi
		kill -0 "$postgres_pid" 2>/dev/null || break
		sleep 0.1
	done
	cat "$folder/server.log" >&2
	return 1
}

postgres_stop() {
	if [[ -n ${postgres_pid-} ]]; then
		kill -INT "$postgres_pid" 2>/dev/null || true # fast: it does not wait for sessions to end
		wait "$postgres_pid" || true
		postgres_pid=
	fi
}
