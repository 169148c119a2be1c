# The regression database of PostgreSQL, made by its own regression tests from the source that we are built from, on a server of
# that version: whatever form of a dump of it we restore, it becomes what psql makes of it. With another PG_VERSION: by the tests
# of that version, or of an older one where its source cannot be had today (what fails there makes nothing; the rest is enough).

root=${BATS_TEST_DIRNAME%/tests/*}
sources=$root/build/work/postgresql
# Read again for each test: the version is asked for once.
if [ -z "${PG_VERSION-}" ] && [ -e "$sources/configure" ]; then
	PG_VERSION=$(sed -n "s/^PACKAGE_VERSION='\([0-9]*\).*/\1/p" "$sources/configure")
	export PG_VERSION
fi

load lib
load source

# The source of the server's version, with the headers that its tests are compiled with.
sources_fetch() {
	declare -A packages=([13]=postgresql-13/bullseye [15]=postgresql-15/bookworm [17]='postgresql-17/trixie postgresql-15/bookworm')
	[ -n "${packages[$PG_VERSION]-}" ] || return 0
	if (
		# shellcheck source=/dev/null # made by make
		. "$root/build/ok/functions.sh"
		flock 8
		[ ! -e "$root/build/work/postgresql-$PG_VERSION/complete" ] || exit 0
		# shellcheck disable=SC2086 # several
		unpack "postgresql-$PG_VERSION" ${packages[$PG_VERSION]}
		./configure --without-icu --without-readline --without-zlib
		make -C src/backend generated-headers
		touch complete
	) 8>"$root/build/work/postgresql-$PG_VERSION.lock" >sources.log 2>&1; then
		sources=$root/build/work/postgresql-$PG_VERSION
		headers=$sources/src/include
	fi
}

# What is missing here, or nothing.
missing() {
	[ -e "$sources/configure" ] || echo 'the sources of PostgreSQL are not unpacked here'
	[ -n "$pg" ] || echo "a server of version $PG_VERSION cannot be had today"
}

setup_file() {
	[ -z "$(missing)" ] || return 0
	make -C "$root" --no-print-directory DEV=1 "$root/build/dev/pg-entrypoint" >&2
	server_start max_prepared_transactions=2 wal_level=logical
	cd "$BATS_FILE_TMPDIR" || return
	headers=$root/build/dev/work/postgresql/src/include
	sources_fetch
	cp -r "$sources/src/test/regress" tests
	mkdir -p made/results
	gcc -shared -fPIC -O1 -w -I"$headers" -o made/regress.so tests/regress.c
	# Those before 15 are filled in first.
	for test in tests/input/*.source; do
		[ ! -e "$test" ] || sed "s|@abs_srcdir@|$PWD/tests|g; s|@abs_builddir@|$PWD/made|g; s|@libdir@|$PWD/made|g; s|@DLSUFFIX@|.so|g" \
			"$test" >"tests/sql/$(basename "$test" .source).sql"
	done
	chmod -R a+rX tests
	chmod -R a+rwX made
	regression_make
	database=regression
	dumped regression plain
	dumped regression custom -Fc
	dumped regression folder -Fd
	dumped regression tar -Ft
	dumped regression columns --column-inserts
	zstd -q plain
	# The column order of heirs is lost on the way, for everyone.
	sql -d postgres 'create database by_psql template template0'
	"${run_as[@]}" "$pg/psql" -Xq -h "$server" -p "$port" -U postgres -d by_psql < <(
		"${run_as[@]}" "$pg/pg_dump" -h "$server" -p "$port" -U postgres --no-owner --no-subscriptions regression
	) >by_psql.log 2>&1
	content by_psql >wanted
}

teardown_file() {
	[ -n "$(missing)" ] || server_stop
}

# What a test expects is not looked at here, only what all of them leave. Not those that are for whole servers.
regression_make() {
	local test
	export PG_ABS_SRCDIR=$PWD/tests PG_ABS_BUILDDIR=$PWD/made PG_LIBDIR=$PWD/made PG_DLSUFFIX=.so
	sql -d postgres 'create database regression template template0' "alter database regression set bytea_output = 'hex'"
	# shellcheck disable=SC2013 # several stand in a line
	for test in $(sed -n 's/^test: //p' tests/parallel_schedule); do
		case $test in tablespace | database | stats) continue ;; esac
		PGTZ=America/Los_Angeles PGDATESTYLE='Postgres, MDY' timeout 60 "$pg/psql" -Xqa -h "$server" -p "$port" -U postgres -d regression \
			-v HIDE_TABLEAM=on -v HIDE_TOAST_COMPRESSION=on -f "tests/sql/$test.sql" >made/"$test" 2>&1 || true
	done
}

@test 'each form of it becomes what psql makes of it' {
	local form
	[ -z "$(missing)" ] || skip "$(missing)"
	(($(sql -d regression 'select count(*) from pg_class where oid >= 16384') > 1000)) || fail 'hardly anything was made'
	for form in $(some 1 custom plain.zst folder tar columns); do
		database_new
		as_superuser
		pge restore "$BATS_FILE_TMPDIR/$form"
		expect 0 'restored: '
		content "$database" --no-subscriptions >got
		cp "$BATS_FILE_TMPDIR/wanted" wanted
		# As SQL it is larger than what one session loads, and the rows of a table may come in another order.
		[ "$form" != columns ] || sort -o got got
		[ "$form" != columns ] || sort -o wanted wanted
		diff wanted got >difference || fail "$form: $(head -n 30 difference)"
	done
}

@test 'its owner, who is no superuser, is told what he could not restore before anything is written' {
	[ -z "$(missing)" ] || skip "$(missing)"
	database_new
	pge restore "$BATS_FILE_TMPDIR/custom"
	expect 65 'only a superuser may make'
	equal "$(sql "select count(*) from pg_class where oid >= 16384 and relnamespace <> 'pg_toast'::regnamespace")" 0
}
