# shellcheck shell=bash
# The other tools, from npm into build/bench: the bench measures them, the end-to-end tests run them beside us. To be sourced
# after ../demo/postgres.sh.

# peers_install FOLDER: what is missing of them. The lock is for two who do so at once.
peers_install() (
	set -e
	missing=no
	for name in dbmate node-pg-migrate pg; do
		[[ -d $1/node_modules/$name ]] || missing=yes
	done
	need npm nodejs npm
	[[ $missing == yes ]] || return 0
	mkdir -p "$1"
	exec 9>"$1/lock"
	flock 9
	npm install --prefix "$1" --no-audit --no-fund --loglevel=error dbmate node-pg-migrate pg >"$1/npm.log" 2>&1 9>&- ||
		{ cat "$1/npm.log" >&2; return 1; }
)
