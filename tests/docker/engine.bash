# shellcheck shell=bash
#
# An engine of the tests' own: it lives in network and mount namespaces of its own, keeps its images in build/docker, and knows
# nothing of an engine that the machine may have, whose containers and volumes could bear the names that ours have.

engine_folder=$root/build/docker
registry=127.0.0.1:5000

# engine_start: sets DOCKER_HOST and the like, or fails with a reason in $REPLY where no engine can be.
engine_start() {
	local i
	PATH=/usr/sbin:/usr/bin:$PATH # Debian's own client goes with its engine
	REPLY='not root'
	[ "$(id -u)" = 0 ] || return 1
	REPLY='no dockerd: apt-get install docker.io'
	command -v dockerd >/dev/null || return 1
	REPLY=$("$root/tests/docker/base" 2>&1) || return 1
	engine_run=$(mktemp -d /tmp/pg-entrypoint.engine.XXXX) # short: a socket's path has to fit
	export engine_run DOCKER_HOST="unix://$engine_run/sock" DOCKER_CONFIG=$engine_folder DOCKER_BUILDKIT=1 COMPOSE_MENU=no
	# shellcheck disable=SC2016 # expanded in there
	unshare --net --mount sh -c 'ip link set lo up
		exec dockerd --data-root "$1/engine" --exec-root "$2/run" --pidfile "$2/pid" -H "unix://$2/sock" \
			--registry-mirror "http://$3"' \
		sh "$engine_folder" "$engine_run" "$registry" >"$engine_run/log" 2>&1 3>&- &
	for ((i = 0; i < 600; i++)); do
		docker info >/dev/null 2>&1 && break
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	engine_images 3>&- >"$engine_run/images" 2>&1 && return
	REPLY=$(tail -n 3 "$engine_run/images" "$engine_run/log")
	engine_stop
	return 1
}

# Under the real names what cannot be pulled, and what is tested.
engine_images() {
	engine_import debian.tar debian:bookworm-slim && engine_import servers.tar pg-entrypoint-tests-servers &&
		docker build -q -t postgres:15-alpine "$root/tests/docker/postgres" &&
		docker build -q -t redis:7-alpine "$root/tests/docker/redis" &&
		docker build -q --build-arg BINARY=local --build-arg VERSION="$("$root/build/pg-entrypoint" version | cut -d" " -f2)" -t pg-entrypoint -f "$root/docker/Dockerfile" "$root" &&
		docker build -q -t nexus-backend -f "$root/docker/backend/Dockerfile" "$root"
}

# The image holds the name of the archive that it is from, by its time.
engine_import() {
	local stamp
	stamp=$(stat -c %Y "$engine_folder/$1")
	[ "$(docker inspect -f '{{.Comment}}' "$2" 2>/dev/null)" = "$stamp" ] ||
		docker import -m "$stamp" "$engine_folder/$1" "$2"
}

# The engine takes this one for a mirror of the public registry, which has no image until one is published.
registry_start() {
	printf '%s\n' 'version: 0.1' 'log: { accesslog: { disabled: true } }' "http: { addr: \"$registry\" }" \
		"storage: { filesystem: { rootdirectory: \"$engine_run/images.d\" } }" >"$engine_run/registry.yml"
	# Not by `inside`, whose pid would be that of a shell.
	nsenter --net="/proc/$(<"$engine_run/pid")/ns/net" -- "$engine_folder/registry" serve "$engine_run/registry.yml" \
		>"$engine_run/registry.log" 2>&1 3>&- &
	echo $! >"$engine_run/registry.pid"
	eventually 30 fetch "http://$registry/v2/" >/dev/null 2>&1
}

# publish IMAGE LABEL: it is to be pulled under its name, and is another one, by its label `published`, than the engine has.
publish() {
	printf 'FROM %s\nLABEL published="%s"\n' "$1" "$2" | docker build -q -t "$registry/library/$1" - &&
		docker push -q "$registry/library/$1"
}

# What a file has left: containers, volumes and networks.
engine_clear() {
	[ -n "${engine_run-}" ] || return 0
	docker swarm leave --force >/dev/null 2>&1
	docker ps -aq | xargs -r docker rm -f -v >/dev/null 2>&1
	docker volume ls -q | xargs -r docker volume rm -f >/dev/null 2>&1
	docker network prune -f >/dev/null 2>&1
}

# Images stay for the next time.
engine_stop() {
	local pid
	[ -n "${engine_run-}" ] || return 0
	if pid=$(cat "$engine_run/pid" 2>/dev/null); then
		engine_clear
		[ ! -e "$engine_run/registry.pid" ] || kill "$(<"$engine_run/registry.pid")"
		kill "$pid"
		eventually 30 test ! -e "$engine_run/pid"
	fi
	rm -rf "$engine_run"
	engine_run=
}

# inside COMMAND...: in the engine's network, where published ports are.
inside() {
	nsenter --net="/proc/$(<"$engine_run/pid")/ns/net" -- "$@"
}

# fetch URL [METHOD BODY]: what it answers; fails unless that is a success.
fetch() {
	# shellcheck disable=SC2016
	inside /usr/bin/python3 -c 'import sys, urllib.request
request = urllib.request.Request(sys.argv[1], method=sys.argv[2], data=sys.argv[3].encode() or None)
print(urllib.request.urlopen(request, timeout=5).read().decode(), end="")' "$1" "${2-GET}" "${3-}"
}
