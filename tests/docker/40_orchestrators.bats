# docker/kubernetes and docker/swarm. The manifests are right by Kubernetes' own schema; their pods run as far as an engine can
# (tests/docker/manifests.mjs); a swarm of one node is real. And docker/README.md's claims on two versions at once, with two
# versions of the sample's image on one database.

load ../e2e/lib
load engine

setup_file() {
	[ -z "$no_engine" ] || return 0
	export secrets=$BATS_FILE_TMPDIR/secrets typed=$root/build/manifests owner_url
	mkdir "$secrets"
	printf owner-password >"$secrets/owner_password"
	printf app-password >"$secrets/app_password"
	owner_url=postgresql://nexus_user:owner-password@postgres/nexus
	{
		validator_install
		docker network create cluster
		docker run -d --name postgres --network cluster -e POSTGRES_USER=nexus_user -e POSTGRES_DB=nexus \
			-e POSTGRES_PASSWORD=owner-password postgres:15-alpine
		image_of_version 2 0019_shift 'alter table travelers add column shift text;' 'alter table travelers drop column shift;' \
			0020_shifts 'create index shifts on travelers (shift);' 'drop index shifts;'
		image_of_version 3 0019_wrong 'alter table travelers add column size int; select wrong;' 'select 1;'
	} >"$BATS_FILE_TMPDIR/log" 2>&1 || fail "$(<"$BATS_FILE_TMPDIR/log")"
	eventually 60 docker exec postgres pg_isready -q -h 127.0.0.1 -U nexus_user
}

teardown_file() {
	engine_clear
}

setup() {
	[ -z "$no_engine" ] || skip "$no_engine"
	cd "$BATS_TEST_TMPDIR" || return
	sql_in 'drop database if exists nexus with (force)' 'drop role if exists nexus_app' 'create database nexus'
}

teardown() {
	[ "${BATS_TEST_COMPLETED-}" = 1 ] || docker ps -aq | xargs -r -n 1 docker logs --tail 20 >&2
	docker ps -aq --filter name=pod | xargs -r docker rm -f >/dev/null 2>&1
}

# From npm: what Kubernetes' schema says as types, and the compiler that holds a manifest against them.
validator_install() {
	mkdir -p "$typed"
	[ -d "$typed/node_modules/yaml" ] ||
		npm install --prefix "$typed" --no-audit --no-fund --loglevel=error kubernetes-types@1.30.0 typescript@7.0.2 yaml@2.9.1
	cp "$root/tests/docker/manifests.mjs" "$typed/"
}

# image_of_version N (NAME UP DOWN)...: of the sample, with these migrations more and a repeatable that was changed.
image_of_version() {
	local version=$1 folder=$BATS_FILE_TMPDIR/version$1
	mkdir "$folder"
	shift
	while (($#)); do
		echo "$2" >"$folder/$1.sql"
		echo "$3" >"$folder/$1.down.sql"
		shift 3
	done
	{ cat "$root/migrations/R__overview.sql" && echo "-- of version $version"; } >"$folder/R__overview.sql"
	printf '%s\n' 'FROM nexus-backend' 'COPY *.sql /migrations/' >"$folder/Dockerfile"
	docker build -q -t "nexus-backend:$version" "$folder"
}

# sql_in STATEMENT...: as the owner, in the database nexus, or in postgres to make that one; in the container $database_host.
sql_in() {
	local database=nexus statement
	[[ $1 != drop\ database* ]] || database=postgres
	for statement; do
		docker exec "${database_host-postgres}" psql -XAtq -v ON_ERROR_STOP=1 -U nexus_user "$database" -c "$statement" || return
	done
}

# pod NAME FILE KIND [VERSION]: its containers, in order, until one fails.
pod() {
	local role words
	docker run -d --name "$1" --network cluster -e ENTRYPOINT_SKIP=all nexus-backend sleep infinity >/dev/null
	node "$typed/manifests.mjs" pod "$root/docker/kubernetes/$2" "$3" "$1" "$PWD/$1" "$secrets" |
		sed "s/nexus-backend:1.0/nexus-backend:${4-latest}/" >"$1.list"
	while read -r role words; do
		# The port as the kubelet injects it, of a Service named postgres.
		words="-e POSTGRES_PORT=tcp://10.0.0.1:5432 $words"
		# shellcheck disable=SC2086 # words
		case $role in
		init) docker run $words >"$1.log" 2>&1 </dev/null || return ;;
		sidecar | main) docker run -d $words >/dev/null || return ;;
		esac
	done <"$1.list"
}

# probe NAME KIND: what the kubelet would find.
probe() {
	local words
	words=$(sed -n "s/^$2Probe //p" "$1.list")
	# shellcheck disable=SC2086 # words
	docker exec $words
}

# ready NAME: as all three probes say.
ready() {
	probe "$1" startup && probe "$1" readiness && probe "$1" liveness
}

# ended NAME CODE: a Job has.
ended() {
	equal "$(docker wait "$1-migrate")" "$2" "exit code of $1"
}

# serves NAME: its page has the travelers.
serves() {
	local address
	address=$(docker inspect -f '{{.NetworkSettings.Networks.cluster.IPAddress}}' "$1")
	[[ $(fetch "http://$address:8000/") == *'METSHIFT Assembly'* ]] || fail "$1 does not serve its page"
}

said() {
	docker logs "$1" 2>&1
}

# has_column NAME: 1, or 0.
has_column() {
	sql_in "select count(*) from information_schema.columns where table_name = 'travelers' and column_name = '$1'"
}

ledger() {
	sql_in 'select version, checksum, started_at from entrypoint.migration order by version' | md5sum
}

# of_application NAME: it is one that has what the limited role needs, and nothing of the owner.
of_application() {
	docker exec "$1-backend" sh -c 'cat /proc/1/environ; ! cat /secrets/owner_* 2>/dev/null' | tr '\0' '\n' >environ
	! grep -q -e owner-password -e nexus_user environ || fail 'the application sees the login of the owner'
}

@test 'manifests: right by the schema of Kubernetes, which finds a slip' {
	typed_well() {
		node "$typed/manifests.mjs" types "$@" >"$typed/documents.ts" &&
			(cd "$typed" && node_modules/.bin/tsc --noEmit --strict --skipLibCheck documents.ts)
	}
	local name
	typed_well "$root"/docker/kubernetes/*.yaml
	while read -r name; do
		grep -q "name: $name }" "$root/docker/kubernetes/common.yaml" || fail "common.yaml has no $name"
	done < <(grep -hoP 'claimName: \K[a-z-]+|POSTGRES_HOST, value: \K[a-z-]+|app: \K[a-z-]+' "$root"/docker/kubernetes/{init,job,sidecar}.yaml | sort -u)
	sed 's/maxSurge/maxSurges/' "$root/docker/kubernetes/job.yaml" >slip.yaml
	run ! typed_well slip.yaml
	[[ $output == *maxSurges* ]] || fail "$output"
	sed 's/containerPort: 8000/containerPort: http/' "$root/docker/kubernetes/job.yaml" >slip.yaml
	run ! typed_well slip.yaml
}

@test 'init.yaml: the init container migrates, with the password that the application never sees' {
	pod pod1 init.yaml Deployment || fail "$(<pod1.log)"
	eventually 30 ready pod1
	serves pod1
	grep -q '0008_travelers.sql applied' pod1.log
	! said pod1-backend | grep applied || fail 'the application has migrated'
	of_application pod1
	# The next pod's finds nothing to do.
	pod pod2 init.yaml Deployment || fail "$(<pod2.log)"
	! grep applied pod2.log || fail 'applied again'
	eventually 30 ready pod2
}

@test 'job.yaml: pods wait for the Job, and need it no more when it is gone' {
	pod pod1 job.yaml Deployment
	eventually 30 unready pod1 'waiting'
	pod pod2 job.yaml Job
	ended pod2 0
	docker rm -f pod2-migrate >/dev/null
	eventually 60 ready pod1
	serves pod1
	of_application pod1
	docker restart pod1-backend >/dev/null
	eventually 30 ready pod1
}

# unready NAME WORD: its startup probe says so.
unready() {
	! probe "$1" startup >probed 2>&1 && grep -q "$2" probed
}

# The stand-in for the proxy comes late, and is a forwarder as that is.
@test 'sidecar.yaml: one container boots through a proxy that comes late' {
	put proxy.py 'import socket, threading, time' 'time.sleep(2)' \
		'def pump(a, b):' '    while piece := a.recv(65536): b.sendall(piece)' '    b.shutdown(socket.SHUT_WR)' \
		'here = socket.create_server(("127.0.0.1", 5432))' 'while True:' \
		'    a, b = here.accept()[0], socket.create_connection(("postgres", 5432))' \
		'    for pair in (a, b), (b, a): threading.Thread(target=pump, args=pair).start()'
	put Dockerfile 'FROM nexus-backend' 'COPY proxy.py /' 'ENTRYPOINT ["/usr/bin/python3", "/proxy.py"]'
	docker build -q -t gcr.io/cloud-sql-connectors/cloud-sql-proxy:2 . >/dev/null
	printf postgresql://nexus_user:owner-password@127.0.0.1/nexus >"$secrets/owner_url"
	printf postgresql://nexus_app:app-password@127.0.0.1/nexus >"$secrets/app_url"
	pod pod1 sidecar.yaml Deployment
	eventually 30 ready pod1
	serves pod1
	said pod1-backend | grep -q '0008_travelers.sql applied'
	docker exec pod1-backend cat /proc/1/environ | tr '\0' '\n' >environ
	grep -q '^DATABASE_URL=postgresql://nexus_app:' environ
	! grep -e owner -e ENTRYPOINT_ environ || fail 'the application got the connection of the owner'
}

@test 'two versions: a new one waits for its schema while the old one serves, then both do' {
	local before
	pod pod1 init.yaml Deployment
	pod pod2 job.yaml Deployment 2
	eventually 30 unready pod2 'waiting for the schema: 3 migrations'
	serves pod1
	pod pod3 job.yaml Job 2
	ended pod3 0
	eventually 60 ready pod2
	ready pod1
	serves pod1
	serves pod2
	before=$(ledger)
	# The old one starts again beside it, its init container too: both say so, and change nothing.
	docker restart pod1-backend >/dev/null
	eventually 30 ready pod1
	said pod1-backend | grep -q 'warning: .*0019'
	pod pod4 init.yaml Deployment || fail "$(<pod4.log)"
	eventually 30 ready pod4
	grep -q 'warning: .*0019' pod4.log
	equal "$(ledger)" "$before" 'the ledger'
}

@test 'rollback: the old version starts on the newer database; down with the new one takes it back' {
	local before
	pod pod1 init.yaml Deployment 2
	docker rm -f pod1-backend >/dev/null
	before=$(ledger)
	pod pod2 init.yaml Deployment
	eventually 30 ready pod2
	serves pod2
	equal "$(ledger)" "$before" 'the ledger'
	equal "$(has_column shift)" 1 'column shift'
	# Who would rather not:
	run docker run --rm --network cluster -e DATABASE_URL="$owner_url" -e ENTRYPOINT_ON_MISSING=error nexus-backend boot
	[ "$status" -eq 65 ] || fail 'on_missing = error'
	run docker run --rm --network cluster -e DATABASE_URL="$owner_url" nexus-backend:2 --confirm="DOWN nexus" migrate down 0018
	[ "$status" -eq 0 ] || fail 'down'
	equal "$(has_column shift)" 0 'column shift'
	# The repeatable is still that of version 2: the old one puts its own back.
	pod pod3 init.yaml Deployment || fail "$(<pod3.log)"
	grep -q 'R__overview.sql applied' pod3.log
	docker restart pod2-backend >/dev/null
	eventually 30 ready pod2
	serves pod2
	# Forward again.
	pod pod4 init.yaml Deployment 2 || fail "$(<pod4.log)"
	grep -q '0019_shift.sql applied' pod4.log
}

@test 'a version whose migration fails: 65, which the Job does not retry; nothing is half done, the old one serves' {
	local before
	pod pod1 init.yaml Deployment
	before=$(ledger)
	run pod pod2 init.yaml Deployment 3
	[ "$status" -eq 65 ] || fail "$(<pod2.log)"
	grep -q '0019_wrong.sql:1:' pod2.log
	pod pod3 job.yaml Job 3
	ended pod3 65
	grep -q 'values: \[.*\<65\>' "$root/docker/kubernetes/job.yaml"
	equal "$(ledger)" "$before" 'the ledger'
	equal "$(has_column size)" 0 'column size'
	docker restart pod1-backend >/dev/null
	eventually 30 ready pod1
	serves pod1
}

# deploy VERSION [PATIENCE]: of docker/swarm/stack.yaml; the replicas wait for their schema as long as that says. An engine's kernel
# may be without IPVS, which virtual addresses and published ports need: no port is published, and all names are those of tasks.
deploy() {
	sed -e '/^    ports: /d' -e '/endpoint_mode/d' -e 's/^    deploy:$/&\n      endpoint_mode: dnsrr/' \
		-e "s#\.\./secrets/prod#$secrets#" -e "s/10m/${2-10m}/" "$root/docker/swarm/stack.yaml" >stack.yaml
	TAG=$1 docker stack deploy --resolve-image never -c stack.yaml "$stack" >deployed 2>&1 || fail "$(<deployed)"
}

# tasks VERSION: the replicas of this version that are healthy.
tasks() {
	docker ps -q --filter health=healthy --filter "name=${stack}_backend" --filter "ancestor=nexus-backend:$1"
}

# served_by VERSION REPLICAS: so many of that version are healthy, none is of another, and one serves the travelers.
served_by() {
	local ids
	mapfile -t ids < <(tasks "$1")
	((${#ids[@]} == $2)) && (($(docker ps -q --filter "name=${stack}_backend" | wc -l) == $2)) &&
		docker exec "${ids[0]}" /usr/bin/python3 -c 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:8000/").read().decode())' |
		grep -q 'METSHIFT Assembly'
}

# migrated VERSION STATE: the newest task that migrates is of this version, and in this state.
migrated() {
	[[ $(docker service ps --format '{{.Image}} {{.CurrentState}}' "${stack}_migrate" | head -n 1) == "nexus-backend:$1 $2"* ]]
}

taken_back() {
	[ "$(docker service inspect -f '{{.UpdateStatus.State}}' "${stack}_backend")" = rollback_completed ]
}

@test 'stack.yaml: one task migrates and the replicas wait; an update, one that fails, and its rollback' {
	local database_host stack
	stack=$(sed -n 's/^# *docker stack deploy .* //p' "$root/docker/swarm/stack.yaml")
	docker swarm init --advertise-addr 127.0.0.1 >/dev/null
	docker node update --label-add database=yes "$(docker node ls -q)" >/dev/null
	docker tag nexus-backend:latest nexus-backend:1
	deploy 1
	eventually 180 served_by 1 3
	migrated 1 Complete
	docker service logs --raw "${stack}_migrate" >log 2>&1
	docker service logs --raw "${stack}_backend" >>log 2>&1
	grep -q applied log || fail 'no log'
	! grep phase_file log || fail 'the phase file cannot be written'
	docker exec "$(tasks 1 | head -n 1)" pg-entrypoint health phase
	docker volume ls -q >volumes
	(cd "$root" && docker compose config --format json) | jq -r '.volumes[].name' >volumes_of_dev
	grep -q media volumes_of_dev
	! grep -xF -f volumes_of_dev volumes || fail 'a volume of dev'
	database_host=$(docker ps -q --filter "name=${stack}_postgres")
	equal "$(sql_in 'select count(*) from travelers')" 3 travelers
	deploy 2
	eventually 180 served_by 2 3
	migrated 2 Complete
	equal "$(has_column shift) $(has_column size)" '1 0' 'columns shift and size'
	# The third's migration is wrong: those of the second serve on, and its replica ends when its schema does not come.
	deploy 3 20s
	eventually 120 migrated 3 Failed
	(($(tasks 2 | wc -l) == 3)) || fail 'a replica of version 2 has gone'
	eventually 180 taken_back
	served_by 2 3
	equal "$(has_column shift) $(has_column size)" '1 0' 'columns shift and size'
}
