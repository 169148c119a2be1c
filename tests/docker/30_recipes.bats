# Every block of commands of docker/README.md, as it stands there, in its order.

load ../e2e/lib
load engine

teardown_file() {
	engine_clear
}

setup() {
	[ -z "$no_engine" ] || skip "$no_engine"
	# A tree of its own: passwords are written into it.
	mkdir "$BATS_TEST_TMPDIR/tree"
	cd "$root" && tar -cf - .env .dockerignore docker initdb.d migrations seeds | tar -xf - -C "$BATS_TEST_TMPDIR/tree"
	cd "$BATS_TEST_TMPDIR/tree" || return
	rm -rf docker/secrets
}

# Block number $1, which is 1 for the first.
block() {
	awk -v wanted="$1" '/^```sh$/ { number++; inside = 1; next } /^```$/ { inside = 0 } inside && number == wanted' docker/README.md
}

@test 'every block of docker/README.md works as it stands' {
	local count number url
	unset TMPDIR
	url=$(sed -n 's/^url=//p' docker/README.md)
	count=$(grep -c '^```sh$' docker/README.md)
	((count > 5)) || fail 'where are they?'
	sed -i '1a print("of this tree")' docker/backend/test_app.py # younger than the image
	for ((number = 1; number <= count; number++)); do
		block "$number" >commands
		url=$url timeout 300 bash -euo pipefail -c 'umask 077; . ./commands' >said 2>&1 3>&- || {
			docker ps -a && tail -n 40 said
			fail "block $number: $(<commands)"
		}
		! grep -q test.env commands || grep -q 'of this tree' said || fail 'the tests of an old image were run'
	done
	docker compose logs backend | grep -q 'backup_dev_.* restored' || fail 'dev is not from its backup'
	equal "$(docker exec nexus_postgres psql -XAtU nexus_user nexus_copy -c 'select count(*) from travelers')" 3
	eventually 90 prod_is_healthy
	bash -euo pipefail -c "umask 077; $(block 3)"
	equal "$(docker inspect -f '{{.Config.Image}}' nexus_prod-backend-1)" nexus-backend:1.1 'after the update, and once more'
}

# With the umask of above the containers can read them; with another nobody else may.
@test 'the passwords of prod: for the containers alone, and made once' {
	local before
	awk '/^mkdir/, /^done/' <(block 3) >commands
	grep -q secrets commands
	umask 022
	bash -euo pipefail commands
	equal "$(stat -c %a docker/secrets)" 700 'mode'
	before=$(cat docker/secrets/prod/*)
	equal "${#before}" 72 'their length'
	bash -euo pipefail commands
	equal "$(cat docker/secrets/prod/*)" "$before" 'passwords'
}

prod_is_healthy() {
	(($(docker ps -q --filter label=com.docker.compose.project=nexus_prod --filter health=healthy --filter name=backend | wc -l) == 3))
}
