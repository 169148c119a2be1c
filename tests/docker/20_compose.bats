# The compose files, as a newcomer uses them, on an engine of the tests' own: each environment, what stays of which data, and
# all of them at once. Every operation, and all at once, only where $KILLS says that there is time.

load ../e2e/lib
load engine

setup_file() {
	export SECRETS=$BATS_FILE_TMPDIR/secrets
	mkdir -m 700 "$SECRETS"
	printf 'owner-%s\n' "$RANDOM$RANDOM" >"$SECRETS/owner_password"
	printf 'app-%s\n' "$RANDOM$RANDOM" >"$SECRETS/app_password"
	chmod 644 "$SECRETS"/*
}

teardown_file() {
	engine_clear
}

setup() {
	[ -z "$no_engine" ] || skip "$no_engine"
	cd "$root" || return
	log=$BATS_TEST_TMPDIR/up.log
}

teardown() {
	local environment
	[ "${BATS_TEST_COMPLETED-}" = 1 ] || { docker ps -a && docker ps -aq | xargs -r -n 1 docker logs --tail 20; } >&2
	for environment in dev test staging prod; do
		compose "$environment" down -v --remove-orphans >/dev/null 2>&1 || true
	done
}

# compose ENVIRONMENT WORD...: from the top of the tree, as README has it.
compose() {
	local -a file=(--env-file "docker/$1.env")
	[ "$1" != dev ] || file=()
	shift
	docker compose "${file[@]}" "$@" 3>&-
}

# up ENVIRONMENT [OPTION...]: until all replicas are healthy.
up() {
	compose "$1" up -d "${@:2}" >"$log" 2>&1 || fail "$(<"$log")"
	eventually 180 healthy "$1" 3
}

healthy() {
	(($(compose "$1" ps -q backend | xargs -r docker inspect -f '{{.State.Health.Status}}' | grep -c '^healthy') == $2))
}

# sql_in ENVIRONMENT STATEMENT: as the owner.
sql_in() {
	local project=nexus_$1
	[ "$1" != dev ] || project=nexus
	docker exec "${project}_postgres" psql -XAtq -v ON_ERROR_STOP=1 -U nexus_user nexus -c "$2"
}

volumes_of_prod() {
	printf 'nexus_prod_%s\n' postgres_data redis_data media static logs backups | xargs -n 1 docker volume create >/dev/null
}

# What all replicas of an environment said, since they were made.
said() {
	compose "$1" logs --no-log-prefix "${2-backend}" 2>&1
}

three_travelers() {
	equal "$(sql_in "$1" 'select count(*) from travelers')" 3 travelers
	equal "$(sql_in "$1" 'select count(*) from process_steps')" 42 steps
}

# When each migration was applied, as one word: the same before and after means that none was applied again.
applied() {
	sql_in "$1" "select md5(string_agg(concat_ws(' ', version, checksum, started_at, finished_at), ',' order by version))
		from entrypoint.migration where finished_at is not null ${2-}"
}

# The replicas, and when each of them was started.
replicas() {
	compose "$1" ps -aq backend | xargs -r docker inspect -f '{{.Id}} {{.State.StartedAt}}' | sort
}

# page ENVIRONMENT URL: it is served, by a login that may not do what the owner may; without that login it is not.
page() {
	[[ $(fetch "$2") == *'METSHIFT Assembly'* ]] || fail "no page on $2"
	sql_in "$1" 'alter role nexus_app nologin'
	! fetch "$2" 2>/dev/null || fail 'the page is not served by nexus_app'
	sql_in "$1" 'alter role nexus_app login'
	equal "$(sql_in "$1" "select rolsuper or rolcreaterole or rolcreatedb or has_table_privilege(oid, 'travelers', 'delete')
		or has_schema_privilege(oid, 'public', 'create') from pg_roles where rolname = 'nexus_app'")" f 'more than it needs'
	equal "$(sql_in "$1" "select count(*) from pg_class where relowner = 'nexus_app'::regrole")" 0 'tables of nexus_app'
}

# inspected NAME FORMAT: of a container of prod.
inspected() {
	docker inspect -f "$2" "nexus_prod$1"
}

@test 'dev: docker compose up from a clean engine; three replicas, a page, three travelers' {
	local port
	up dev
	three_travelers dev
	for port in 8000 8001 8002; do
		page dev "http://127.0.0.1:$port/"
	done
	# One of three has migrated, the others have waited and found nothing.
	equal "$(said dev | grep -c 'ready in ')" 3 'ready lines'
	equal "$(said dev | grep -c '0008_travelers.sql applied')" 1 'times applied'
	equal "$(said dev | grep -c '70_travelers.ini: 3 rows')" 1 'times seeded'
	# dev has test users and sample data, and migrations and seeds from the tree.
	[ "$(sql_in dev 'select count(*) from labor_entries')" -gt 0 ] || fail 'no sample data'
	equal "$(inside "$pg/psql" 'postgresql://nexus_user:nexus_password@127.0.0.1:5001/nexus' -XAtc 'select count(*) from travelers')" 3
	# The application, which is process 1 now, has its own login and not the owner's.
	docker exec nexus-backend-1 cat /proc/1/environ | tr '\0' '\n' >"$log"
	grep -q '^DATABASE_URL=postgresql://nexus_app:' "$log"
	! grep -e ENTRYPOINT_ -e nexus_user "$log" || fail "that is the entrypoint's"
}

# The documents of the four old systems promise this table; README prints what was found.
@test 'what stays of which data: as README says' {
	local -a operations=(
		'restart'
		'stop, start'
		'restart backend'
		'down, up'
		'up --build --force-recreate'
		'pull, up --force-recreate'
		'down -v, up'
	)
	local operation step table row history before
	((${KILLS:-20} > 20)) || operations=('restart backend' 'down, up' 'down -v, up')
	table='| | database | media | static | cache | logs |'$'\n''|---|---|---|---|---|---|'
	up dev
	for operation in "${operations[@]}"; do
		[[ $operation != pull* ]] || publish_all >"$log" 2>&1 || fail "$(<"$log")"
		put_marks "$operation"
		history=$(applied dev) before=$(replicas dev)
		while read -r step; do
			[[ $step != up* ]] || step+=' -d'
			# shellcheck disable=SC2086 # words
			compose dev $step >"$log" 2>&1 || fail "$step: $(<"$log")"
		done <<<"${operation//, /$'\n'}"
		eventually 180 healthy dev 3
		[ "$(replicas dev)" != "$before" ] || fail "$operation: has done nothing"
		row=$(marks "$operation")
		table+=$'\n'"| \`${operation//, /\`, \`}\` | $row |"
		three_travelers dev
		[[ $operation != pull* ]] || equal "$(published)" 'new new new' 'images pulled'
		[[ $row != kept* ]] || equal "$(applied dev)" "$history" "applied after $operation"
	done
	history=$(applied dev "and version ~ '^[0-9]'")
	restore_dev
	equal "$(applied dev "and version ~ '^[0-9]'")" "$history" 'applied after the restore'
	table+=$'\n'"| \`down -v\`, \`up\` with \`RESTORE_FROM\` | $(marks restored) |"
	three_travelers dev
	page dev http://127.0.0.1:8000/
	sed -n '/<!-- kept -->/,/<!-- \/kept -->/p' README.md >"$BATS_TEST_TMPDIR/readme"
	while read -r row; do
		grep -qxF "$row" "$BATS_TEST_TMPDIR/readme" || fail "README says otherwise: $row"
	done <<<"$table"
}

# All images of dev are there anew.
publish_all() {
	local image
	registry_start
	for image in postgres:15-alpine redis:7-alpine nexus-backend:latest; do
		publish "$image" new || return
	done
}

# Which of them the containers are of.
published() {
	docker inspect -f '{{index .Config.Labels "published"}}' nexus_postgres nexus-redis-1 nexus-backend-1 | xargs
}

# A backup; the volumes go; the database comes back.
restore_dev() {
	put_marks restored
	mkdir -m 777 "$BATS_TEST_TMPDIR/backups"
	docker run --rm --network nexus_database -e DATABASE_URL=postgresql://nexus_user:nexus_password@postgres/nexus \
		-e ENTRYPOINT_ENVIRONMENT=dev -v "$BATS_TEST_TMPDIR/backups:/backups" nexus-backend backup /backups >"$log" 2>&1 ||
		fail "$(<"$log")"
	compose dev down -v >"$log" 2>&1 || fail "$(<"$log")"
	equal "$(docker volume ls -q | grep -c '^nexus_' || true)" 0 'volumes left'
	BACKUPS=$BATS_TEST_TMPDIR/backups RESTORE_FROM=/backups up dev
}

# A mark in each kind of data, of this operation: in media it is a file that was uploaded to the application.
put_marks() {
	local kind
	sql_in dev "update travelers set comments = '$1' where job_number = '8414L'"
	fetch http://127.0.0.1:8001/media/mark PUT "$1" >/dev/null
	for kind in static logs; do
		# shellcheck disable=SC2016 # expanded in there
		compose dev exec -T backend sh -c 'printf %s "$1" >"/app/$2/mark"' sh "$1" "$kind"
	done
	compose dev exec -T redis redis-cli set mark "$1" >/dev/null
}

# kept or lost, for each kind.
marks() {
	local kind found row=
	found=$(sql_in dev "select comments from travelers where job_number = '8414L'")
	row=$(verdict "$found" "$1")
	for kind in media static cache logs; do
		if [ "$kind" = media ]; then
			found=$(fetch http://127.0.0.1:8002/media/mark 2>/dev/null) || true
		elif [ "$kind" = cache ]; then
			found=$(compose dev exec -T redis redis-cli get mark)
		else
			# shellcheck disable=SC2016 # expanded in there
			found=$(compose dev exec -T backend sh -c 'cat "/app/$1/mark" 2>/dev/null || true' sh "$kind")
		fi
		row+=" | $(verdict "$found" "$1")"
	done
	echo "$row"
}

verdict() {
	if [ "$1" = "$2" ]; then echo kept; else echo new; fi
}

@test 'test: a clean database each run, and the exit code of the tests' {
	local volumes
	volumes=$(docker volume ls -q)
	for _ in 1 2; do
		compose test up --build --exit-code-from tests >"$log" 2>&1 || fail "$(<"$log")"
		grep -q 'Ran 3 tests' "$log"
		grep -q '0008_travelers.sql applied' "$log" # each time
		compose test down >/dev/null 2>&1
	done
	equal "$(docker volume ls -q)" "$volumes" volumes
	put "$BATS_TEST_TMPDIR/broken.yaml" 'services:' '  tests:' '    environment: { BACKEND: "http://127.0.0.1:1" }'
	COMPOSE_FILE=docker/compose.yaml:docker/compose.test.yaml:$BATS_TEST_TMPDIR/broken.yaml \
		run compose test up --exit-code-from tests
	[ "$status" -eq 1 ] || fail 'the failure of the tests was not passed on'
	[[ $output == *'Ran 3 tests'*'FAILED (errors=3)'* ]] || fail 'it was another failure'
}

# migrate_ended CODE: and nothing starts it again.
migrate_ended() {
	[ "$(inspected -migrate-1 '{{.State.Status}} {{.State.ExitCode}}')" = "exited $1" ]
}

@test 'prod: confined, secrets as files, no port of the database, rows outlive down -v' {
	local name history
	volumes_of_prod
	up prod
	eventually 10 migrate_ended 0
	equal "$(docker ps -q --filter ancestor=nexus-backend:latest | wc -l)" 3 'applications that run'
	three_travelers prod
	equal "$(sql_in prod 'select count(*) from labor_entries')" 0 'sample data'
	page prod http://127.0.0.1:8080/
	for name in -backend-1 -backend-2 -backend-3 -migrate-1 -redis-1 _postgres; do
		equal "$(inspected "$name" '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.SecurityOpt}} {{.HostConfig.CapDrop}}')" \
			'true [no-new-privileges:true] [ALL]' "$name"
	done
	for name in -backend-1 -backend-2 -backend-3 -migrate-1 -redis-1; do
		equal "$(inspected "$name" '{{.HostConfig.CapAdd}}')" '[]' "capabilities of $name"
		[[ $(inspected "$name" '{{.Config.User}}') =~ ^[1-9] ]] || fail "$name is root"
		((0 < $(inspected "$name" '{{.HostConfig.Memory}}'))) || fail "$name has no limit of memory"
	done
	# Whoever the server and the application run as, it is not root, and they can gain nothing.
	for name in _postgres -backend-1; do
		equal "$(docker exec "nexus_prod$name" sed -n 's/^Cap\(Eff\|Prm\|Inh\|Amb\):\t*//p; s/^NoNewPrivs:\t*//p' /proc/1/status |
			sort -u | xargs)" '0000000000000000 1' "capabilities of $name"
		[ "$(docker exec "nexus_prod$name" stat -c %u /proc/1)" != 0 ] || fail "$name runs as root"
	done
	equal "$(inspected _postgres '{{json .HostConfig.PortBindings}}')" '{}' 'published ports of the database'
	docker network inspect -f '{{.Internal}}' nexus_prod_database | grep -qx true
	# The replicas wait for the one that migrates, and never see the owner's password.
	said prod | grep -q 'applied in' && fail 'a replica has migrated'
	said prod migrate | grep -q '0008_travelers.sql applied'
	for name in $(compose prod ps -aq); do
		docker inspect "$name"
	done | grep -qF -f "$SECRETS/owner_password" -f "$SECRETS/app_password" && fail 'a secret in docker inspect'
	docker exec nexus_prod-backend-1 sh -c 'cat /run/secrets/* /proc/1/environ' | tr '\0' '\n' >"$log"
	grep -qF -f "$SECRETS/app_password" "$log"
	! grep -qF -f "$SECRETS/owner_password" "$log" || fail "the application sees the owner's password"
	sql_in prod "update travelers set quantity = 777 where job_number = '8414L'"
	history=$(applied prod)
	compose prod down -v >"$log" 2>&1 || fail "$(<"$log")"
	equal "$(docker ps -aq --filter label=com.docker.compose.project=nexus_prod)" '' containers
	up prod
	equal "$(applied prod)" "$history" applied
	equal "$(sql_in prod "select quantity from travelers where job_number = '8414L'")" 777
	three_travelers prod
	said prod migrate | grep -q 'applied' && fail 'something was applied again'
	compose prod down >/dev/null 2>&1
	docker volume ls -q | grep '^nexus_prod_' | xargs docker volume rm >/dev/null
}

@test 'prod: a migration that is wrong is tried once, while the old version serves; a new password of the application' {
	volumes_of_prod
	up prod
	put "$BATS_TEST_TMPDIR/0019_wrong.sql" 'select wrong;'
	put "$BATS_TEST_TMPDIR/Dockerfile" 'FROM nexus-backend' 'COPY 0019_wrong.sql /migrations/'
	docker build -q -t nexus-backend:wrong "$BATS_TEST_TMPDIR" >/dev/null
	TAG=wrong run compose prod run --rm migrate
	[[ $status -eq 65 && $output == *0019_wrong.sql:1:* ]] || fail 'it should be wrong'
	TAG=wrong compose prod up -d migrate >"$log" 2>&1 || fail "$(<"$log")"
	eventually 20 migrate_ended 65
	equal "$(docker run --rm --entrypoint /bin/sh -v nexus_prod_backups:/backups nexus-backend -c 'ls /backups | grep -c gz$')" 2 backups
	page prod http://127.0.0.1:8080/
	printf 'app-%s\n' "$RANDOM$RANDOM" >"$SECRETS/app_password"
	compose prod up -d --force-recreate migrate backend >"$log" 2>&1 || fail "$(<"$log")"
	eventually 60 healthy prod 3
	page prod http://127.0.0.1:8080/
	compose prod down >/dev/null 2>&1
	docker volume ls -q | grep '^nexus_prod_' | xargs docker volume rm >/dev/null
}

@test 'all environments at once: a row in one is in no other' {
	local environment
	((${KILLS:-20} > 20)) || skip 'in make test-long'
	volumes_of_prod
	for environment in dev staging prod; do
		compose "$environment" up -d >"$log" 2>&1 || fail "$(<"$log")"
	done
	compose test up -d backend >"$log" 2>&1 || fail "$(<"$log")"
	for environment in dev staging prod; do
		eventually 180 healthy "$environment" 3
	done
	eventually 180 healthy test 1
	for environment in dev test staging prod; do
		sql_in "$environment" "insert into work_centers (name, code) values ('$environment', '$environment')"
		compose "$environment" exec -T redis redis-cli set "$environment" here >/dev/null
	done
	for environment in dev test staging prod; do
		equal "$(sql_in "$environment" "select string_agg(code, ',') from work_centers where code in ('dev', 'test', 'staging', 'prod')")" \
			"$environment" 'rows'
		equal "$(compose "$environment" exec -T redis redis-cli keys '*')" "$environment" 'keys of redis'
	done
	compose prod down >/dev/null 2>&1
	docker volume ls -q | grep '^nexus_prod_' | xargs docker volume rm >/dev/null
}
