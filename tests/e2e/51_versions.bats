# Two versions of the sample on one database, as an update and its rollback have them: what docker/README.md claims.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# Version 2 has a migration more, and another text of a repeatable; that of version 3 is wrong.
setup() {
	local version
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	for version in 1 2 3; do
		mkdir "v$version"
		cp -r "$root/migrations" "v$version/"
		ln -s "$root/initdb.d" "$root/seeds" "$root/docker/checks" "v$version/"
	done
	put v2/migrations/0019_shift.sql 'alter table travelers add column shift text;'
	put v2/migrations/0019_shift.down.sql 'alter table travelers drop column shift;'
	echo '-- with shifts' >>v2/migrations/R__overview.sql
	put v3/migrations/0019_wrong.sql 'alter table travelers add column size int; select wrong;'
}

# image VERSION: what is started is of that one.
image() {
	cd "$BATS_TEST_TMPDIR/v$1" || return
}

# replica [NAME=VALUE...]: one that does not migrate.
replica() {
	boot ENTRYPOINT_EXPECT_SCHEMA=yes "$@"
}

# The page of version 1, which runs on; ended by teardown.
serve() {
	image 1
	begin PORT=0 -- /usr/bin/python3 "$root/docker/backend/app.py"
	eventually 30 log_has 'backend: listening on '
	page=$(sed -n 's/^backend: listening on //p' err)
}

is_served() {
	pge health database --http="$page"
	[ "$status" -eq 0 ] || fail 'the page of version 1 is not served'
}

ledger() {
	sql 'select version, checksum, started_at, finished_at from entrypoint.migration order by version'
}

has_column() {
	[ "$(sql "select count(*) from information_schema.columns where (table_name, column_name) = ('travelers', '$1')")" = 1 ]
}

@test 'an update: the new version waits for its schema while the old one serves; then both do' {
	local before
	serve
	image 2
	replica ENTRYPOINT_WAIT_TIMEOUT=$((2 * patience))s
	expect 75 expect_schema
	is_served
	boots
	logged '0019_shift.sql applied' 'R__overview.sql applied'
	replica
	expect 0
	is_served
	# The old one starts again beside it, and its init container: both say so, and change nothing.
	before=$(ledger)
	image 1
	replica
	expect 0 '1 applied migration is not in ' 'the first is 0019' 'R__overview.sql'
	boots
	logged '1 applied migration is not in ' '1 repeatable is left as a newer image has run it, the first is R__overview.sql'
	equal "$(ledger)" "$before" 'the ledger'
	replica ENTRYPOINT_ON_MISSING=error
	expect 65 '1 applied migration is not in '
	is_served
}

@test 'a rollback: the old version starts on the newer database; down with the new one takes it back' {
	image 2
	boots
	image 1
	replica
	expect 0
	boots
	has_column shift
	image 2
	boots
	not_logged ' applied in'
	pge --confirm="DOWN $database" migrate down
	expect 0
	run ! has_column shift
	# The repeatable is still that of the new version: the old one puts its own back.
	image 1
	boots
	logged 'R__overview.sql applied'
	replica
	expect 0
	not_logged 'not in '
	image 2
	boots
	logged '0019_shift.sql applied'
	has_column shift
}

@test 'an update that fails: 65, nothing is half done, and the old version serves on' {
	local before
	serve
	before=$(ledger)
	image 3
	boot
	expect 65 '0019_wrong.sql:1:'
	equal "$(ledger)" "$before" 'the ledger'
	run ! has_column size
	is_served
	image 1
	replica
	expect 0
	not_logged 'not in '
}
