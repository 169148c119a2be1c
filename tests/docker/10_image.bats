# The image pg-entrypoint: a program and CA certificates. What is promised of the binary, in an image made of nothing else.

load ../e2e/lib
load engine

setup_file() {
	server_start
}

teardown_file() {
	engine_clear
	server_stop
}

setup() {
	[ -z "$no_engine" ] || skip "$no_engine"
	cd "$BATS_TEST_TMPDIR" || return
	database_new
}

# image_of [LINE...]: the folders migrations and seeds here over the image pg-entrypoint, with further lines; named $image.
image_of() {
	image=test-$BATS_TEST_NUMBER
	mkdir -p migrations seeds
	put Dockerfile 'FROM pg-entrypoint' 'COPY migrations /migrations' 'COPY seeds /seeds' 'CMD ["/pg-entrypoint", "version"]' "$@"
	docker build -q -t "$image" . >build.log 2>&1 || fail "$(<build.log)"
}

tables() {
	put migrations/0001_t.sql 'create table t (name text);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[a]'
}

# on_image [OPTION...]: with the server's socket, no network.
on_image() {
	run --separate-stderr docker run --rm --network none -v "$server:$server" -e DATABASE_URL="$url" "$@" "$image"
}

@test 'FROM scratch: boots and becomes the program' {
	tables
	image_of
	on_image
	expect 0
	[[ $output == *[0-9].[0-9]* ]] || fail 'not started'
	equal "$(sql 'select name from t')" a
}

@test 'holds the program and CA certificates, at most 7 MB' {
	local id size
	size=$(docker image inspect -f '{{.Size}}' pg-entrypoint)
	echo "# image pg-entrypoint: $((size / 1000)) kB" >&3
	((size <= 7000000)) || fail "$size bytes"
	id=$(docker create pg-entrypoint)
	docker export "$id" | tar -t | grep -v '/$' >files
	docker cp "$id:/pg-entrypoint" copy >/dev/null
	docker cp "$id:/etc/ssl/cert.pem" cert.pem >/dev/null
	docker rm "$id" >/dev/null
	# The engine lays some files of its own into every container.
	equal "$(grep -vxE '\.dockerenv|etc/(hosts|hostname|resolv\.conf|mtab)|dev/console' files | sort | xargs)" \
		'etc/ssl/cert.pem etc/ssl/certs/ca-certificates.crt pg-entrypoint'
	cmp copy "$binary"
	openssl x509 -noout -subject -in cert.pem >/dev/null
	equal "$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.version"}}' pg-entrypoint)" \
		"$("$binary" version | cut -d' ' -f2)"
}

@test 'docker stop while it waits: at once, 143' {
	local id from
	tables
	image_of
	id=$(docker run -d --network none -e DATABASE_URL=postgresql://u@127.0.0.1:1/x "$image")
	sleep 1
	from=$(now_ms)
	docker stop -t 10 "$id" >/dev/null
	(($(now_ms) - from < 5000)) || fail 'killed after the grace'
	equal "$(docker inspect -f '{{.State.ExitCode}}' "$id")" 143
	docker rm -f "$id" >/dev/null
}

@test 'a read-only root without a tmpfs for the phase file: works, one line' {
	tables
	image_of
	on_image --read-only
	expect 0 'phase_file: /run/pg-entrypoint: '
	equal "$(grep -c phase_file <<<"$stderr")" 1 lines
}

@test 'a user without a line in passwd, as in OpenShift; no capability, no new privileges' {
	tables
	image_of
	on_image --user 1000660000:0 --cap-drop ALL --security-opt no-new-privileges
	expect 0
	equal "$(sql 'select name from t')" a
}

@test 'HEALTHCHECK by the binary: starting, healthy, and unhealthy without the server' {
	local id
	tables
	put migrations/0002_slow.sql 'select pg_sleep(2);'
	image_of 'HEALTHCHECK --interval=1s --timeout=5s --retries=1 CMD ["/pg-entrypoint", "health"]' \
		'CMD ["/pg-entrypoint", "--wait-for=file:/none", "--wait-timeout=none", "wait"]'
	id=$(docker run -d --network none -v "$server:$server" -e DATABASE_URL="$url" "$image")
	eventually 20 health_is "$id" healthy
	sql -d postgres "alter database $database allow_connections false"
	eventually 20 health_is "$id" unhealthy
	docker inspect -f '{{range .State.Health.Log}}{{.Output}}{{end}}' "$id" >said
	docker rm -f "$id" >/dev/null
	sql -d postgres "alter database $database allow_connections true"
	grep -q 'unhealthy: phase migrating' said
	grep -q 'healthy: phase running' said
	grep -q 'unhealthy: phase running .*, database connection .* not currently accepting connections' said
}

health_is() {
	[ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = "$2" ]
}
