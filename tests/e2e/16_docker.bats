# The binary in an image made of nothing else. Skipped where no docker engine can run.

load lib

setup_file() {
	local i
	export DOCKER_HOST engine='' image="pg-entrypoint-test-$$"
	server_start
	command -v docker >/dev/null || return 0
	if docker info >/dev/null 2>&1; then
		engine=theirs
		return
	fi
	unset DOCKER_HOST
	command -v dockerd >/dev/null || return 0
	export DOCKER_HOST="unix://$server/docker.sock"
	dockerd --data-root "$server/docker" --exec-root "$server/docker.run" --pidfile "$server/docker.pid" -H "$DOCKER_HOST" \
		--bridge none --iptables=false --ip6tables=false --storage-driver vfs >"$server/docker.log" 2>&1 3>&- &
	for ((i = 0; i < 100; i++)); do
		if docker info >/dev/null 2>&1; then
			engine=ours
			return
		fi
		kill -0 $! 2>/dev/null || return 0
		sleep 0.1
	done
}

teardown_file() {
	[ -z "$engine" ] || docker rmi -f "$image" >/dev/null 2>&1 || true
	if [ -e "$server/docker.pid" ]; then
		kill "$(<"$server/docker.pid")"
		eventually 20 test ! -e "$server/docker.pid"
	fi
	server_stop
}

image_of() {
	[ -n "$engine" ] || skip "no docker engine: $(tail -n 1 "$server/docker.log" 2>/dev/null)"
	[ -z "${SANITIZED-}${WRAPPED-}" ] || skip 'not the release binary'
	mkdir context
	cp "$binary" context/pg-entrypoint
	cp -r migrations seeds context/
	put context/Dockerfile 'FROM scratch' 'COPY pg-entrypoint /' 'COPY migrations /migrations' 'COPY seeds /seeds' \
		'ENTRYPOINT ["/pg-entrypoint"]' 'CMD ["/pg-entrypoint", "version"]'
	DOCKER_BUILDKIT=0 docker build -q -t "$image" context >build.log 2>&1 || fail "$(<build.log)"
}

tables() {
	put migrations/0001_t.sql 'create table t (name text);'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[a]'
}

@test 'FROM scratch: boots and becomes the program' {
	tables
	image_of
	run --separate-stderr docker run --rm --network none -v "$server:$server" -e DATABASE_URL="$url" "$image"
	expect 0
	[[ $output == *[0-9].[0-9]* ]] || fail 'not started'
	equal "$(sql 'select name from t')" a
}

@test 'docker stop while it waits: at once, 143' {
	local id from
	tables
	image_of
	id=$(docker run -d --network none -e DATABASE_URL=postgresql://u@127.0.0.1:1/x "$image")
	sleep 1
	from=$(now_ms)
	docker stop -t 10 "$id" >/dev/null
	(($(now_ms) - from < 3000)) || fail 'killed after the grace'
	equal "$(docker inspect -f '{{.State.ExitCode}}' "$id")" 143
	docker rm -f "$id" >/dev/null
}
