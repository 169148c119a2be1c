# The sample: a shop-floor database from nothing, and a second start that costs nothing.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# The folders of the sample, as variables in $nexus.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	nexus=("ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations"
		"ENTRYPOINT_SEEDS_DIR=$root/seeds" "ENTRYPOINT_CHECKS_DIR=$root/docker/checks")
}

@test 'a boot from nothing gives three travelers, 42 steps and all tables' {
	boots "${nexus[@]}"
	equal "$(sql 'select count(*) from travelers')" 3 travelers
	equal "$(sql 'select count(*) from process_steps')" 42 steps
	equal "$(sql 'select job_number, work_order_number, part_description, revision, quantity from travelers order by 1')" \
		$'7946L ASSYL|23518-4|DYNACORE ASSY||200\n8414L|23114-3|METSHIFT Assembly|V0.2|250\n8744 PART|23473-3|MAC PANEL PART||19'
	equal "$(sql "select string_agg(to_regclass(name)::text, ' ' order by name)
		from unnest('{users,work_centers,parts,revisions,customers,work_orders,travelers,process_steps,sub_steps,
			manual_steps,labor_entries,approvals,audit_logs}'::text[]) name")" \
		'approvals audit_logs customers labor_entries manual_steps parts process_steps revisions sub_steps travelers users work_centers work_orders'
	equal "$(sql "select count(*) from information_schema.columns
		where table_name = 'travelers' and column_name = 'is_active'")" 1 is_active
	equal "$(sql 'select count(*) from pg_index where not indisvalid')" 0 'invalid indexes'
	equal "$(sql 'select pg_get_userbyid(datdba) from pg_database where datname = current_database()')" nexus_user owner
}

@test 'README quotes what a first start says, but for numbers' {
	local line count=0
	url=$tcp_url
	boots "${nexus[@]}"
	while IFS= read -r line; do
		[[ $line == 'pg-entrypoint: '* ]] || continue
		count=$((count + 1))
		line=${line/db:5432\/nexus/127.0.0.1:$port\/$database}
		line=${line// …/.*}
		grep -qx -- "$line" err || fail "not said: $line"
	done < <(sed -n '/^```console$/,/^```$/p; /^## /q' "$root/README.md")
	((count > 5)) || fail 'where are they?'
}

@test 'each traveler has its 18, 9 and 15 steps' {
	boots "${nexus[@]}"
	equal "$(sql "select job_number, count(*), min(step_number), max(step_number)
		from travelers join process_steps on traveler_id = travelers.id group by 1 order by 1")" \
		$'7946L ASSYL|15|1|15\n8414L|18|1|18\n8744 PART|9|1|9'
}

@test 'the second boot takes no lock, writes nothing and asks once' {
	local before
	boots "${nexus[@]}"
	before=$(next_xid)
	log_mark
	boots "${nexus[@]}"
	equal "$(next_xid)" "$before" 'next transaction id'
	run ! grep -iE 'advisory_(xact_)?lock|[[:space:]]lock table' <(log_since | grep -E 'LOG: +(statement|execute)')
}

@test 'the second boot asks once after login, over a socket and over TCP' {
	boots "${nexus[@]}"
	equal "$(round_trips "${nexus[@]}")" 1 'round trips after login over the socket'
	url=$tcp_url
	equal "$(round_trips "${nexus[@]}")" 1 'round trips after login over TCP'
}

@test 'an application started by a second boot has the same pid, arguments and standard input' {
	boots "${nexus[@]}"
	command_of "${nexus[@]}" -- sh -c 'echo "$$ $1 $(cat)"' sh 'a b'
	equal "$(sh -c 'echo $$; exec "$@"' sh "${command[@]}" <<<input | awk 'NR == 1 { pid = $1; next } { sub("^" pid, "same"); print }')" \
		'same a b input'
}

@test 'a boot with a role that may only read, or on a server that only reads, starts the application when nothing is pending' {
	boots "${nexus[@]}"
	sql -d postgres 'drop role if exists reader' 'create role reader login'
	sql 'grant select on all tables in schema public to reader'
	url="postgresql://reader@/$database?host=$server&port=$port"
	boots "${nexus[@]}"
	boots "${nexus[@]}" PGOPTIONS='-c default_transaction_read_only=on'
}

@test 'the sample works when the postgres container has run initdb.d already, or nobody has' {
	local file
	for file in "$root"/initdb.d/*.sql; do
		env -i "$pg/psql" -Xq -v ON_ERROR_STOP=1 -h "$server" -p "$port" -U postgres -d "$database" -f "$file" >psql.log
	done
	boots "${nexus[@]}"
	equal "$(sql 'select count(*) from travelers')" 3 travelers
	database_new "${database}b"
	boots "${nexus[@]:1}"
	equal "$(sql 'select count(*) from process_steps')" 42 steps
}

@test 'a deleted traveler comes back, an edited one stays edited, a new duplicate is left alone' {
	boots "${nexus[@]}"
	sql "delete from process_steps where traveler_id = (select id from travelers where job_number = '8414L')" \
		"delete from travelers where job_number = '8414L'" \
		"update travelers set quantity = 20 where job_number = '8744 PART'"
	boots "${nexus[@]}"
	equal "$(sql 'select job_number, quantity from travelers order by 1')" $'7946L ASSYL|200\n8414L|250\n8744 PART|20'
	equal "$(sql 'select count(*) from process_steps')" 42 steps
}

@test 'seeds for developers stay out of production' {
	local in_prod
	boots "${nexus[@]}"
	in_prod=$(sql 'select count(*) from users')
	boots "${nexus[@]}" ENTRYPOINT_ENVIRONMENT=dev
	(($(sql 'select count(*) from users') > in_prod)) || fail 'no test users'
}

@test 'the audit trail: who, from where, old and new value, and the application may only add' {
	boots "${nexus[@]}"
	sql "begin" "update travelers set quantity = 251 where job_number = '8414L'" commit
	[[ $(sql "select count(*) from audit_logs") -gt 0 ]] || fail 'nothing recorded'
	equal "$(sql "select count(*) from audit_logs a where to_jsonb(a)::text like '%250%' and to_jsonb(a)::text like '%251%'")" 1
	[[ $(sql "select count(*) from pg_inherits where inhparent = 'audit_logs'::regclass") -gt 1 ]] || fail 'no partitions'
}

@test 'the application role logs in with the password of its secret, and without one not at all' {
	boots "${nexus[@]}"
	run ! env -i PGPASSWORD='a secret' "$pg/psql" -XAt -h 127.0.0.1 -p "$port" -U nexus_app -d "$database" -c 'select 1'
	printf 'a secret\n' >password
	boots "${nexus[@]}" ENTRYPOINT_VAR_APP_PASSWORD_FILE="$PWD/password"
	not_logged 'a secret'
	run env -i PGPASSWORD='a secret' "$pg/psql" -XAt -h 127.0.0.1 -p "$port" -U nexus_app -d "$database" -c 'select count(*) from travelers'
	equal "$output" 3
}

@test 'a documented default password in production draws a warning without the value' {
	sql -d postgres "alter role nexus_user password 'nexus_password'"
	url="postgresql://nexus_user:nexus_password@127.0.0.1:$port/$database"
	boots "${nexus[@]}"
	logged DATABASE_URL
	not_logged nexus_password
	boots "${nexus[@]}" ENTRYPOINT_ENVIRONMENT=dev
	sql -d postgres "alter role nexus_user password 'secret'"
}
