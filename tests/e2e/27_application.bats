# The application's own connection comes to the database that was proven, or nothing starts.

load lib

setup_file() {
	server_start
	sql -d postgres "create role app login password 'p'"
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	proven=$database
	put migrations/0001_t.sql 'create table t (i int);' 'grant select on t to app;'
	put checks/t.sql 'select i from t;'
	admin=ENTRYPOINT_ADMIN_URL="$url"
	url="postgresql://app@/$database?host=$server&port=$port"
}

teardown() {
	[ -z "${own_pooler-}" ] || pgbouncer_stop
	if [ -n "${second_server-}" ]; then
		server=$second_server
		server_stop
	fi
}

# second [NAME=VALUE...]: a server of this test's own, not started yet.
second() {
	first_server=$server
	first_port=$port
	server_create "$@"
	second_server=$server
}

# An end in words, in the boot that migrates and in those that have nothing to do.
refused() {
	boot "$admin"
	expect 78 'error: check: ' DATABASE_URL ENTRYPOINT_ADMIN_URL "$@"
	equal "$output" ''
	pge "$admin" plan
	expect 78 DATABASE_URL ENTRYPOINT_ADMIN_URL "$@"
}

@test 'another database of the same server: 78, with both addresses' {
	sql -d postgres 'drop database if exists elsewhere with (force)' 'create database elsewhere'
	url="postgresql://app@/elsewhere?host=$server&port=$port"
	refused "/$proven" /elsewhere 'two databases'
	equal "$(sql "select to_regnamespace('entrypoint') is null and to_regclass('t') is null")" t 'nothing was written'
	# Not asked for where nothing is proven.
	boots "$admin" --skip=check
	refused "/$proven" /elsewhere 'two databases'
}

@test 'a login that a migration makes: another database is found behind it, and the right one is right' {
	sql -d postgres 'drop database if exists elsewhere with (force)' 'create database elsewhere' 'drop role if exists late'
	put migrations/0002_role.sql 'create role late login;'
	local right="postgresql://late@/$database?host=$server&port=$port"
	url="postgresql://late@/elsewhere?host=$server&port=$port"
	refused "/$proven" /elsewhere 'two databases'
	equal "$(sql 'select count(*) from t')" 0
	put migrations/0003_u.sql 'create table u (i int);'
	boots "$admin" DATABASE_URL="$right"
	sql -d postgres 'drop role late'
}

@test 'where the application cannot log in, and nothing makes that good, it is told behind the migrations' {
	url="postgresql://nobody@/$database?host=$server&port=$port"
	boot "$admin"
	expect 77 'error: check: the application cannot log in' 'role "nobody" does not exist'
	equal "$(sql 'select count(*) from t')" 0
}

@test 'another server: 78, also where it is a copy of the disk with the same names and numbers' {
	boots "$admin"
	second
	rm -rf "$server/data"
	as_postgres "$pg/pg_basebackup" -D "$server/data" -h "$first_server" -p "$first_port" -U postgres -c fast -X stream
	sed -i "s/^port = .*/port = $port/; s|$first_server|$server|" "$server/data/postgresql.conf"
	server_run
	url="postgresql://app@/$database?host=$server&port=$port"
	equal "$(sql "select oid from pg_database where datname = '$proven'")" \
		"$(server=$first_server port=$first_port sql "select oid from pg_database where datname = '$proven'")"
	refused 'two servers'
}

@test 'the same by another way: through TCP, through a pooler' {
	boots "$admin" DATABASE_URL="postgresql://app:p@127.0.0.1:$port/$database"
	own_pooler=yes
	pgbouncer_start
	boots "$admin" DATABASE_URL="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boots ENTRYPOINT_ADMIN_URL="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	sql -d postgres 'drop database if exists elsewhere with (force)' 'create database elsewhere'
	url="postgresql://nexus_user@/elsewhere?host=$pooler&port=$port"
	refused /elsewhere 'two databases'
}

@test 'a role that may read nothing of the server: still known to come to the same database' {
	sql 'revoke execute on function pg_control_system() from public'
	boots "$admin"
	not_logged warning
}

@test 'what is strange in its URL is told once' {
	boots "$admin"
	boots "$admin" DATABASE_URL="$url&conect_timeout=3"
	equal "$(grep -c conect_timeout <<<"$stderr")" 1
}

@test 'no round trip more than the login of the application needs' {
	boots "$admin"
	equal "$(round_trips "$admin")" 2
	equal "$(round_trips DATABASE_URL="${admin#*=}")" 1
}

# A standby of the first server, that streams from it.
standby() {
	second
	rm -rf "$server/data"
	as_postgres "$pg/pg_basebackup" -D "$server/data" -h "$first_server" -p "$first_port" -U postgres -c fast -X stream -R
	sed -i "s/^port = .*/port = $port/; s|^unix_socket_directories.*|unix_socket_directories = '$server'|" \
		"$server/data/postgresql.conf"
	server_run
	url="postgresql://app@/$database?host=$server&port=$port"
}

@test 'one login where nothing is to do; two where something is, of which the first may fail' {
	seen=0
	sql -d postgres 'alter system set log_connections = on' 'select pg_reload_conf()'
	sql -d postgres 'drop role if exists late'
	boots "$admin"
	logins 'user=app' 2
	boots "$admin"
	logins 'user=app' 1
	pge "$admin" plan
	logins 'user=app' 1
	put migrations/0002_role.sql 'create role late login;'
	boots "$admin" DATABASE_URL="postgresql://late@/$database?host=$server&port=$port"
	logins 'user=late' 2 'FATAL: .*"late" does not exist' 1
	sql -d postgres 'alter system reset log_connections' 'select pg_reload_conf()' 'drop role late'
}

# logins PATTERN COUNT...: how often each is in the server's log since the last call.
logins() {
	local said
	said=$(tail -c +$((seen + 1)) "$server/log")
	seen=$(wc -c <"$server/log")
	for (( ; $#; )); do
		equal "$(grep -c "$1" <<<"$said")" "$2" "$1"
		shift 2
	done
}

# What the look has seen of it is old by then.
@test 'a login that is taken away while a start waits for something is not taken for proven' {
	sql -d postgres 'drop role if exists gone' 'create role gone login'
	url="postgresql://gone@/$database?host=$server&port=$port"
	settings=("$admin" ENTRYPOINT_VOLUMES="media:$PWD/media")
	put migrations/0001_t.sql 'create table t (i int);' 'grant select on t to gone;'
	mkdir media
	boots "${settings[@]}"
	# A table that a check reads.
	sql 'begin; lock table t; alter role gone nologin; select pg_sleep(2); commit' &
	eventually 5 running pg_sleep
	boot "${settings[@]}"
	wait $!
	expect 77 'error: check: the application cannot log in'
	# A volume.
	sql 'alter role gone login'
	mkdir media/.pg-entrypoint/tree
	(flock 9 && sleep 1 && sql 'alter role gone nologin') 9<media/.pg-entrypoint &
	eventually 5 eval '! flock -n media/.pg-entrypoint true'
	boot "${settings[@]}"
	wait $!
	expect 77 'another run' 'error: check: the application cannot log in'
	# A program.
	sql 'alter role gone login'
	put command.sh 'sleep 1' "'$pg/psql' -XAtqc 'alter role gone nologin' 'postgresql://postgres@/postgres?host=$server&port=$port'"
	boot "${settings[@]}" ENTRYPOINT_MIGRATE_COMMAND=true ENTRYPOINT_MIGRATE_COMMAND_CHECK="sh $PWD/command.sh"
	expect 77 'error: check: the application cannot log in'
	sql 'revoke all on t from gone'
	sql -d postgres 'drop role gone'
}

@test 'a login that is made while a start waits for the lock: another database is found before anything is written' {
	sql -d postgres 'drop database if exists elsewhere with (force)' 'create database elsewhere' 'drop role if exists late'
	sql "begin; select pg_advisory_xact_lock(hashtextextended(current_database() || '.entrypoint', 0));
		create role late login; select pg_sleep(2); commit" >held &
	eventually 5 running pg_sleep
	boot "$admin" DATABASE_URL="postgresql://late@/elsewhere?host=$server&port=$port"
	wait $!
	expect 78 "/$proven" /elsewhere 'two databases'
	equal "$(sql "select to_regclass('t') is null")" t 'nothing was written'
	sql -d postgres 'drop role late'
}

@test 'TERM while the login of the application has no answer' {
	local silent silent_port
	boots "$admin"
	silent_port=$(free_port)
	python3 "$BATS_TEST_DIRNAME/fake.py" silent "$silent_port" 3>&- &
	silent=$!
	begin "$admin" DATABASE_URL="postgresql://app@127.0.0.1:$silent_port/$database" -- echo APP
	eventually 5 log_has 'wait: '
	kill -TERM "$pid"
	end
	kill "$silent"
	expect 143
}

@test 'a physical standby is one, as soon as it has replayed what was done' {
	standby
	pge "$admin" -- "$pg/psql" -XAt "$url" -c "select 'APP' from pg_class where relname = 't'"
	expect 0
	started
	not_logged warning
	boots "$admin"
	# With the cluster's identifier forbidden the ledger tells.
	server=$first_server port=$first_port sql 'revoke execute on function pg_control_system() from public'
	put migrations/0002_u.sql 'create table u (i int);'
	boots "$admin"
	not_logged warning
	sql 'select pg_wal_replay_pause()'
	put migrations/0003_v.sql 'create table v (i int);'
	boot "$admin"
	expect 69 'error: check: ' "$server" 'not come as far within 10 s'
	equal "$output" ''
	sql 'select pg_wal_replay_resume()'
	boots "$admin"
	# Promoted it is another one.
	as_postgres "$pg/pg_ctl" -D "$server/data" -s -w promote
	refused 'two servers'
}

@test 'a standby of another cluster, of the same names and numbers: 78' {
	second
	rm -rf "$server/data/"* # the others are copies of one
	as_postgres "$pg/initdb" -D "$server/data" -U postgres -A trust -N >initdb.log
	printf '%s\n' "port = $port" "listen_addresses = ''" "unix_socket_directories = '$server'" 'fsync = off' \
		>>"$server/data/postgresql.conf"
	server_run
	sql -d postgres 'create role nexus_user login' 'create role app login'
	if since 15; then
		sql -d postgres "create database $database owner nexus_user oid = \
			$(server=$first_server port=$first_port sql "select oid from pg_database where datname = '$proven'")"
	else
		skip 'its number cannot be chosen'
	fi
	server_halt fast
	touch "$server/data/standby.signal"
	chown postgres "$server/data/standby.signal"
	server_run
	url="postgresql://app@/$database?host=$server&port=$port"
	refused 'different clusters'
}

@test 'the privileges that the README lists are enough, for both roles' {
	runs_itself
	local owner_url name=nexus_$BATS_TEST_NUMBER other
	sed -n '/^<!-- privileges -->$/,/^<!-- \/privileges -->$/p' "$root/README.md" | grep -v '^<!--\|^```' |
		sed "s/database nexus\\b/database $name/; s/connect nexus\\b/connect $name/" >privileges.sql
	grep -q "create database $name" privileges.sql
	"$pg/psql" -Xq -v ON_ERROR_STOP=1 -h "$server" -p "$port" -U postgres -d postgres -f privileges.sql
	database=$name
	sql 'revoke all on schema public from public'
	rm -r migrations checks
	put migrations/0001_t.sql 'create table t (id int generated always as identity primary key, name text);'
	put migrations/0002_i.sql 'create index concurrently t_name on t (name);'
	put migrations/R__grants.sql 'grant select, insert, update, delete on all tables in schema public to nexus_app;' \
		'grant usage on all sequences in schema public to nexus_app;'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[a]'
	put seeds/common/20_t.csv 'name' 'b'
	put seeds/common/20_t.ini '[@table]' 'name = t' 'key = name'
	put checks/10_t.sql 'select id from t where name is null;'
	owner_url="postgresql://nexus_owner:the-owners-word@127.0.0.1:$port/$database"
	url="postgresql://nexus_app:the-apps-word@127.0.0.1:$port/$database"
	boots ENTRYPOINT_ADMIN_URL="$owner_url"
	logged '0002_i.sql applied' '10_t.ini: 1 row inserted' '20_t.csv: 1 row inserted'
	boots ENTRYPOINT_ADMIN_URL="$owner_url"
	not_logged applied inserted
	"$pg/psql" -Xq -v ON_ERROR_STOP=1 -d "$url" -c "insert into t (name) values ('c')"
	# A start that finds nothing to do needs no more than to read.
	boots
	not_logged applied inserted
	if since 14; then
		pge backup backup.sql.gz
		expect 65 'pg_dump: error' # 18's own word for a sequence is none of a privilege
		sql 'grant pg_read_all_data to nexus_app'
		pge backup backup.sql.gz
		expect 0
	fi
	pge ENTRYPOINT_ADMIN_URL="$owner_url" backup backup.sql.gz
	expect 0
	other=${name}_other
	sed "/create role/d; s/\\b$name\\b/$other/" privileges.sql >other.sql
	"$pg/psql" -Xq -v ON_ERROR_STOP=1 -h "$server" -p "$port" -U postgres -d postgres -f other.sql
	pge ENTRYPOINT_ADMIN_URL="${owner_url/%$name/$other}" restore backup.sql.gz
	expect 0
	equal "$(sql -d "$other" 'select count(*) from t')" 3
	sql -d postgres "drop database $name with (force)" "drop database $other with (force)" 'drop role nexus_owner' 'drop role nexus_app'
}
