# Dumps of newer servers, by their own pg_dump, into the server that the machine has: what uses nothing newer becomes what the same
# statements make there.

load lib
load source

newer=(17 18)

setup_file() {
	local version
	for version in "${newer[@]}"; do
		(made_by "$version") || [ ! -e "$BATS_FILE_TMPDIR/from-$version" ] || return
	done
	server_start
	database=wanted
	sql -d postgres 'create database wanted' 'create role stranger' 'create role reader' 'create role "Odd ""role"""'
	source_make
}

teardown_file() {
	server_stop
}

# Leaves nothing if there is no such server today.
made_by() {
	local folder=$BATS_FILE_TMPDIR/from-$1 own=$server_major
	pg=$("$root/tests/servers/make" "$1") || return 1
	server_major=$1
	mkdir "$folder"
	server_start
	# What it knows since a version is not asked of it.
	server_major=$own
	database=source
	sql -d postgres 'create database source' 'create role stranger' 'create role reader' 'create role "Odd ""role"""'
	source_make
	cd "$folder" || return
	dumped source plain
	dumped source inserts --inserts
	dumped source custom -Fc
	dumped source packed -Fc -Z zstd
	dumped source tar -Ft
	dumped source folder -Fd
	dumped source created -C
	server_stop
}

@test 'dumps of 17 and 18 become on an older server what the same statements make there' {
	local version form
	content wanted >as_here
	for version in "${newer[@]}"; do
		[ -e "$BATS_FILE_TMPDIR/from-$version/created" ] || skip "a server of version $version cannot be had today"
		for form in plain inserts custom packed tar folder created; do
			database_new "v${version}_$form"
			as_superuser
			pge restore "$BATS_FILE_TMPDIR/from-$version/$form"
			expect 0 'restored: '
			content "$database" >got
			diff as_here got >difference || fail "$version, $form: $(head -n 30 difference)"
		done
	done
}
