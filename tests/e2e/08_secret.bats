# No secret in any output, whatever goes wrong.

load lib

# What is searched for: the password itself, percent-encoded, and the pieces a careless parser would leave.
secret="p@ss/w?o#r%d'\" \\"
encoded='p%40ss%2Fw%3Fo%23r%25d%27%22%20%5C'

setup_file() {
	server_start
	sql -d postgres "alter role nexus_user password '${secret//\'/\'\'}'"
}

teardown_file() {
	server_stop
}

# silent: nothing of the last run shows the secret, whole or in pieces.
silent() {
	local piece
	for piece in "$secret" "$encoded" 'p@ss' 'w?o#r' 'o#r%d' 'p%40ss' 'w%3Fo' '23r%25'; do
		[[ $stderr != *"$piece"* ]] || fail "the log shows '$piece'"
		[[ $output != *"$piece"* ]] || fail "the output shows '$piece'"
	done
}

# given WAY: the variables that give the secret in that way, in $given, with the role ${role-nexus_user}.
given() {
	local role=${role-nexus_user} at=${at-127.0.0.1:$port/$database}
	local host=${at%%:*} rest=${at#*:}
	local in_quotes=${secret//\\/\\\\}
	in_quotes=${in_quotes//\'/\\\'}
	url=
	printf '%s\n' "$secret" >secret
	printf '%s' "postgresql://$role:$encoded@$at" >url
	printf '%s:%s:*:%s:%s\n' "$host" "${rest%%/*}" "$role" "${secret//\\/\\\\}" >pgpass
	chmod 600 pgpass
	case $1 in
	raw) given=("DATABASE_URL=postgresql://$role:$secret@$at") ;;
	encoded) given=("DATABASE_URL=postgresql://$role:$encoded@$at") ;;
	query) given=("DATABASE_URL=postgresql://$role@$at?password=$encoded") ;;
	keywords) given=("DATABASE_URL=host=$host port=${rest%%/*} dbname=${rest#*/} user=$role password='$in_quotes'") ;;
	dialect) given=("DATABASE_URL=postgresql+asyncpg://$role:$encoded@$at") ;;
	file) given=("DATABASE_URL_FILE=$PWD/url") ;;
	option) given=(--url "postgresql://$role:$encoded@$at") ;;
	own) given=("ENTRYPOINT_URL=postgresql://$role:$encoded@$at") ;;
	own_file) given=("ENTRYPOINT_URL_FILE=$PWD/url") ;;
	admin) given=("DATABASE_URL=postgresql://$role:$encoded@$at" "ENTRYPOINT_ADMIN_URL=postgresql://$role:$encoded@$at") ;;
	ini)
		printf 'url = postgresql://%s:%s@%s\n' "$role" "$encoded" "$at" >settings.ini
		given=(--config "$PWD/settings.ini")
		;;
	libpq) given=("PGHOST=$host" "PGPORT=${rest%%/*}" "PGDATABASE=${rest#*/}" "PGUSER=$role" "PGPASSWORD=$secret") ;;
	libpq_file) given=("PGHOST=$host" "PGPORT=${rest%%/*}" "PGDATABASE=${rest#*/}" "PGUSER=$role" "PGPASSWORD_FILE=$PWD/secret") ;;
	passfile) given=("PGHOST=$host" "PGPORT=${rest%%/*}" "PGDATABASE=${rest#*/}" "PGUSER=$role" "PGPASSFILE=$PWD/pgpass") ;;
	postgres) given=("POSTGRES_HOST=$host" "POSTGRES_PORT=${rest%%/*}" "POSTGRES_DB=${rest#*/}" "POSTGRES_USER=$role" "POSTGRES_PASSWORD=$secret") ;;
	postgres_file) given=("POSTGRES_HOST=$host" "POSTGRES_PORT=${rest%%/*}" "POSTGRES_DB=${rest#*/}" "POSTGRES_USER=$role" "POSTGRES_PASSWORD_FILE=$PWD/secret") ;;
	db) given=("DB_HOST=$host" "DB_PORT=${rest%%/*}" "DB_NAME=${rest#*/}" "DB_USER=$role" "DB_PASSWORD=$secret") ;;
	esac
}

ways='raw encoded query keywords dialect file option own own_file admin ini libpq libpq_file passfile postgres postgres_file db'

@test 'every way to give the password logs in' {
	local way
	put migrations/0001_t.sql 'create table t (i int);'
	for way in $ways; do
		given "$way"
		boot ENTRYPOINT_WAIT_AUTH_GRACE=0s "${given[@]}"
		[ "$status" -eq 0 ] || fail "given by $way: exit $status"
		started
		silent
	done
}

@test 'not in the debug log, as text or JSON' {
	local way form
	for way in $ways; do
		for form in text json; do
			given "$way"
			boot ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_LOG=$form "${given[@]}"
			expect 0
			silent
		done
	done
}

@test 'not when the login fails' {
	local way role=nexus_wrong
	for way in $ways; do
		given "$way"
		boot ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_WAIT_AUTH_GRACE=0s "${given[@]}"
		expect 77
		silent
	done
}

@test 'not when the server is absent, its name unknown or the database missing' {
	local way at
	for way in $ways; do
		for at in "127.0.0.1:1/$database" "no-such-host.invalid:5432/x" "127.0.0.1:$port/no_such_database"; do
			given "$way"
			boot ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_WAIT_TIMEOUT=100ms ENTRYPOINT_WAIT_AUTH_GRACE=0s "${given[@]}"
			[ "$status" -ne 0 ] || fail 'worked'
			silent
		done
	done
}

@test 'not when the connection setting itself is wrong' {
	local bad
	url=
	for bad in "postgres//u:$secret@h/d" "postgresql://u:$secret@h:port/d" "mysql://u:$secret@h/d" "postgresql://u:$encoded@h/d?sslmode=$secret" \
		"host=h password=$secret nonsense" "postgresql://u:${encoded}%zz@h/d" "$secret" "postgresql://u:$secret@h:1:2/d"; do
		boot DATABASE_URL="$bad" ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_WAIT_TIMEOUT=100ms ENTRYPOINT_WAIT_AUTH_GRACE=0s
		[ "$status" -ne 0 ] || fail "worked: $bad"
		silent
		boot ENTRYPOINT_ADMIN_URL="$bad" DATABASE_URL=postgresql://u@127.0.0.1:1/x ENTRYPOINT_LOG_LEVEL=debug \
			ENTRYPOINT_WAIT_TIMEOUT=100ms ENTRYPOINT_WAIT_AUTH_GRACE=0s
		[ "$status" -ne 0 ] || fail "worked: $bad"
		silent
	done
}

@test 'not when a URL stands where a name belongs: 78 at once, which setting' {
	local whole="postgresql://nexus_user:$encoded@127.0.0.1:$port/$database" name
	url=
	for name in PGHOST PGDATABASE PGSERVICE POSTGRES_HOST DB_HOST DB_NAME; do
		boot DB_HOST=127.0.0.1 "$name=$whole" ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_WAIT_TIMEOUT=100ms
		expect 78 "$name holds a URL" 'hint: ' DATABASE_URL
		silent
	done
	boot DATABASE_URL="host='$whole'" ENTRYPOINT_LOG_LEVEL=debug ENTRYPOINT_WAIT_TIMEOUT=100ms
	expect 78 'DATABASE_URL: host holds a URL'
	silent
}

@test 'not when it stands on the command line where nothing such belongs' {
	local text words line in_quotes=${secret//\\/\\\\}
	in_quotes=${in_quotes//\'/\\\'}
	url=
	for text in "postgresql://u:$secret@h/d" "postgres://u:$encoded@h:port/d?sslmode=require" "postgresql://u@h/d?password=$encoded" \
		"mysql://u:$encoded@h/d" "DATABASE_URL=postgresql://u:$encoded@h/d" "host=h user=u password='$in_quotes'"; do
		for words in 'boot @' '-- @' 'wait @' 'status @' 'migrate @' 'migrate new @' 'health @' 'help @' '--@' '--environment=@' \
			'--wait-timeout @' 'health --tcp=@' 'health --http=@'; do
			read -ra line <<<"$words"
			pge "${line[@]/@/"$text"}"
			[ "$status" -ne 0 ] || fail "worked: $words"
			silent
		done
	done
}

@test 'not when a migration that uses it as a variable fails' {
	printf '%s\n' "$secret" >secret
	put migrations/0001_role.sql '-- pg-entrypoint: vars app_password' \
		"create role nexus_user password :'app_password';"
	boot ENTRYPOINT_VAR_APP_PASSWORD_FILE="$PWD/secret" ENTRYPOINT_LOG_LEVEL=debug
	expect 65 0001_role.sql
	silent
	put migrations/0001_role.sql '-- pg-entrypoint: vars app_password' \
		"alter role nexus_user password :'app_password' nonsense;"
	boot ENTRYPOINT_VAR_APP_PASSWORD="$secret" ENTRYPOINT_LOG_LEVEL=debug
	expect 65 0001_role.sql
	silent
	put migrations/0001_role.sql '-- pg-entrypoint: vars app_password' \
		"select 1 / (length(:'app_password') - length(:'app_password')), :'app_password'::int;"
	boot ENTRYPOINT_VAR_APP_PASSWORD="$secret" ENTRYPOINT_LOG_LEVEL=debug
	expect 65 0001_role.sql
	silent
}

@test 'what is plainly no secret stays readable, and JSON stays JSON' {
	put migrations/0001_a.sql '-- pg-entrypoint: vars name' "create table nosuch_orders (i int); select 1 from missing_orders;"
	boot ENTRYPOINT_VAR_NAME=orders
	expect 65 missing_orders
	boot ENTRYPOINT_VAR_NAME=x ENTRYPOINT_VAR_DB_TOKEN=orders
	expect 65 'missing_***'
	printf orders >value
	boot ENTRYPOINT_VAR_NAME_FILE="$PWD/value"
	expect 65 'missing_***'
	put migrations/0001_a.sql 'create table a (i int);'
	for value in false null 8080; do
		pge ENTRYPOINT_VAR_DEBUG_KEY=$value status --json
		jq -e '.read_only == false' <<<"$output" || fail "no JSON: $output"
	done
	boot ENTRYPOINT_ENVIRONMENT=prod ENTRYPOINT_VAR_OWNER=postgres
	expect 0
	not_logged default
	boot ENTRYPOINT_ENVIRONMENT=prod ENTRYPOINT_VAR_OWNER_PASSWORD=postgres
	logged 'ENTRYPOINT_VAR_OWNER_PASSWORD: the password is a default'
}

@test 'not the literal behind PASSWORD in a migration that fails' {
	put migrations/0001_role.sql "alter role nexus_user password 'hidden1' nonsense;"
	boot
	expect 65 0001_role.sql:1
	not_logged hidden1
	put migrations/0001_role.sql "create role nexus_user password 'hidden2';"
	boot
	expect 65 0001_role.sql:1
	not_logged hidden2
}

@test 'not in what a waiting boot tells of the holder of the lock' {
	put migrations/0001_long.sql "alter role nexus_user password 'hidden3'; select pg_sleep(60);"
	begin -- echo APP
	eventually 10 running hidden3
	boot ENTRYPOINT_BOOT_LOCK_TIMEOUT=500ms
	expect 75
	not_logged hidden3
	kill -s TERM "$pid"
	end
}

@test 'not in what the server says of a variable, quoted or not' {
	put migrations/0001_run.sql "create function run(sql text) returns void language plpgsql as \$\$ begin execute sql; end \$\$;"
	put migrations/0002_use.sql '-- pg-entrypoint: vars pass' "select run('select ' || quote_literal(:'pass') || '::int');"
	boot ENTRYPOINT_VAR_PASS="$secret"
	expect 65 0002_use.sql:2 '***' QUERY
	silent
}

@test 'not even its beginning where a long text is cut' {
	local length
	put checks/1.sql '-- pg-entrypoint: vars pass' "select repeat('x', 284) || :'pass';"
	boot ENTRYPOINT_VAR_PASS="$secret"
	expect 65 1.sql:2
	silent
	rm checks/1.sql
	# The message is cut at 2 KB: somewhere among these the cut is within the secret.
	for ((length = 1850; length < 2030; length += 6)); do
		put migrations/0001_cut.sql '-- pg-entrypoint: vars pass' "select (repeat('x', $length) || :'pass')::int;"
		boot ENTRYPOINT_VAR_PASS="$secret"
		expect 65 0001_cut.sql:2
		silent
	done
}

@test 'not in status, plan, help settings and their JSON' {
	local way ask
	put migrations/0001_t.sql 'create table t (i int);'
	for way in encoded libpq admin ini; do
		for ask in plan 'plan --json' status 'status --json' 'help settings' 'migrate status' wait 'version --all'; do
			given "$way"
			# shellcheck disable=SC2086
			pge ENTRYPOINT_LOG_LEVEL=debug "${given[@]}" $ask
			silent
		done
	done
}

@test 'not in JSON, which has another way to write it' {
	local name secret='a"b\c'\''d' in_literal='a"b\\c'"''d"
	for name in "$secret" "$in_literal"; do
		rm -rf migrations
		put "migrations/0001_$name.sql" 'select 1;'
		pge ENTRYPOINT_VAR_PASS="$secret" plan
		expect 2
		[[ $output == *'0001_***.sql'* ]] || fail 'not blanked as text'
		pge ENTRYPOINT_VAR_PASS="$secret" plan --json
		expect 2
		equal "$(jq -r '.migrations[].name' <<<"$output")" '0001_***'
	done
}

@test 'not in an error of the application URL or of other settings' {
	given ini
	echo "nonsense = 1" >>settings.ini
	boot "${given[@]}"
	expect 78 settings.ini:2 nonsense
	silent
}

@test 'both of NAME and NAME_FILE: an error that names them, not the values' {
	given encoded
	boot DATABASE_URL_FILE="$PWD/url" "${given[@]}"
	expect 78 DATABASE_URL_FILE
	silent
}

@test 'not in the command line of what we run' {
	put initdb.d/01_show.sh '#!/bin/sh' 'ps ax -o args'
	chmod +x initdb.d/01_show.sh
	given encoded
	begin "${given[@]}" -- echo APP
	end
	expect 0 01_show.sh 'ps ax'
	silent
}

@test 'a URL that holds no secret is shown' {
	url="postgresql://nexus_user@127.0.0.1:$port/$database"
	boot ENTRYPOINT_WAIT_AUTH_GRACE=0s
	expect 77 "wait: $url (from DATABASE_URL)"
}
