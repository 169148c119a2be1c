#!/usr/bin/env bats
# restore --pgdata: the data directory of a stopped server into an empty volume. KILLS is how often it is killed (20).

load lib

setup_file() {
	# One cluster for all: filled, stopped, and what a dump of it says.
	server_start
	sql -d postgres 'create database shop'
	sql -d shop 'create table parts (id int primary key, name text)' \
		"insert into parts select g, 'part ' || g from generate_series(1, 5000) g" 'select lo_from_bytea(0, $$large$$)'
	said >"$BATS_FILE_TMPDIR/dump"
	server_halt fast
	export cold=$server/data
	tar -czf "$BATS_FILE_TMPDIR/cold.tar.gz" -C "$cold" .
	export archive=$BATS_FILE_TMPDIR/cold.tar.gz
}

teardown_file() {
	server_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	server_folder
	top=$REPLY
	volume=$top/data
	mkdir "$volume"
	chown postgres "$volume"
}

teardown() {
	if mountpoint -q "$top"; then umount "$top"; fi
	rm -rf "$top"
}

said() {
	env -i "$pg/pg_dump" -h "${1:-$server}" -p "$port" -U postgres shop | grep -vE '^\\(un)?restrict'
}

restore() {
	url='' pge restore --pgdata="$volume" "$@"
}

# The same files as in that directory, but those that are its process's.
same_files() {
	diff -r --exclude=postmaster.opts "$1" "$volume" || fail 'other files'
}

# A small one: would be taken, and no server starts on it.
small() {
	mkdir -p small/global small/base/5
	cp "$cold/PG_VERSION" small
	cp "$cold/global/pg_control" small/global
	cp "$cold"/base/5/1* small/base/5
	chown -R postgres small
}

untouched() {
	equal "$(ls -A "$volume")" '' 'the volume'
}

# The state of pg_control, which is the 32-bit number at 16; its checksum is made to hold again.
set_state() {
	python3 - "$1" "$2" <<-'END'
		import struct, sys
		path, state = sys.argv[1], int(sys.argv[2])
		data = bytearray(open(path, "rb").read())

		def crc(data):
		    value = 0xFFFFFFFF
		    for byte in data:
		        value ^= byte
		        for _ in range(8):
		            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
		    return value ^ 0xFFFFFFFF

		at = next(at for at in range(200, 512, 4) if struct.unpack_from("<I", data, at)[0] == crc(data[:at]))
		struct.pack_into("<I", data, 16, state)
		struct.pack_into("<I", data, at, crc(data[:at]))
		open(path, "wb").write(data)
	END
}

@test 'the server starts on it, with the data, the owner and the modes that it wants' {
	local catalog
	catalog=$("$pg/pg_controldata" "$cold" | sed -n 's/^Catalog version number: *//p')
	restore "$archive"
	expect 0 "data directory of PostgreSQL $server_major, catalog version $catalog" 'shut down at' \
		'the roles and passwords are those of the archive'
	# All of that is told before anything is written.
	equal "$(grep -c . err)" 4 'lines'
	same_files "$cold"
	equal "$(stat -c '%U %a' "$volume" "$volume/base" "$volume/PG_VERSION" | uniq | xargs)" 'postgres 700 postgres 600'
	as_postgres "$pg/pg_ctl" -D "$volume" -o "-c unix_socket_directories=$top" -l "$top/log" -s -w -t 60 start 3>&-
	said "$top" >dump || true
	as_postgres "$pg/pg_ctl" -D "$volume" -s -m immediate stop
	diff "$BATS_FILE_TMPDIR/dump" dump
	restore "$archive"
	expect 65 "$volume is not empty"
}

@test 'wherever it lies in the archive, and however that is packed' {
	local each
	small
	mkdir -p deep/var/lib/postgresql
	cp -a small deep/var/lib/postgresql/data
	echo history >deep/var/lib/postgresql/.psql_history
	tar -cf flat.tar -C small PG_VERSION global base
	tar -cJf folder.tar.xz -C deep/var/lib/postgresql data
	tar -cf deep.tar -C deep .
	zstd -q --rm deep.tar
	# Written to a pipe: the sizes stand behind the data.
	python3 -c "import os, sys, zipfile
with zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk('small'):
        for name in names:
            with z.open(zipfile.ZipInfo(os.path.join(folder, name)), 'w') as member:
                member.write(open(os.path.join(folder, name), 'rb').read())" | cat >piped.zip
	for each in piped.zip flat.tar folder.tar.xz deep.tar.zst; do
		rm -rf "${volume:?}"/*
		restore "$PWD/$each"
		expect 0
		same_files small
	done
	# Four folders and a file.
	logged '5 members beside the data directory are left out'
	# Told by a pattern, which the shell in front of docker run could not expand.
	rm -rf "${volume:?}"/*
	mkdir backup
	cp flat.tar backup/postgres_volume_20240618.tar
	restore "$PWD/backup/postgres_volume_*"
	expect 0
	same_files small
	cp flat.tar backup/postgres_volume_20240619.tar
	restore "$PWD/backup/postgres_volume_*"
	expect 64 'one source, not 2' 'postgres_volume_20240619.tar'
}

@test 'the owner: of the directory, else of the archive; without root ours' {
	restore "$archive"
	equal "$(stat -c %U "$volume/global/pg_control")" postgres
	rm -rf "$volume"
	mkdir "$volume"
	restore "$archive"
	expect 0
	equal "$(stat -c %U "$volume" "$volume/global/pg_control" | uniq)" postgres
	rm -rf "$volume"
	mkdir "$volume"
	tar -czf root.tar.gz --owner=0 --group=0 -C "$cold" .
	restore "$PWD/root.tar.gz"
	expect 0 'the files belong to root'
	rm -rf "$volume"
	mkdir "$volume"
	chown nobody "$volume"
	cp "$archive" "$top/cold.tar.gz"
	chmod 644 "$top/cold.tar.gz"
	cp "$binary" "$top/pg-entrypoint"
	captured runuser -u nobody -- env -i "${base[@]}" "$top/pg-entrypoint" restore --pgdata="$volume" "$top/cold.tar.gz"
	expect 0
	same_files "$cold"
	equal "$(stat -c '%U %a' "$volume" "$volume/base" | uniq)" 'nobody 700'
}

@test 'only into an empty directory; lost+found and .gitkeep are nothing' {
	mkdir "$volume/lost+found"
	: >"$volume/.gitkeep"
	restore "$archive"
	expect 0
	rm -rf "${volume:?}"/*
	: >"$volume/.hidden"
	restore "$archive"
	expect 65 "$volume is not empty: it has .hidden" 'nothing was changed'
	equal "$(cd "$volume" && shopt -s dotglob && echo *)" ".gitkeep .hidden"
}

@test 'the directory: PGDATA, else the image has its own; what is not there is made in a volume only' {
	url='' pge PGDATA="$volume" restore --pgdata "$archive"
	expect 0
	same_files "$cold"
	volume=/var/tmp/pg-entrypoint.none/data
	restore "$archive"
	expect 73 "$volume: no such directory" '-v pgdata:'
	[ ! -e "${volume%/data}" ]
	url='' pge restore --pgdata "$archive"
	expect 73 '/var/lib/postgresql/data: no such directory'
	rm -rf "${top:?}"/*
	mount -t tmpfs -o size=400m none "$top"
	volume=$top/18/docker
	restore "$archive"
	expect 0
	same_files "$cold"
}

@test 'what is no data directory, or a damaged one, is refused, and nothing is written' {
	head -c 100000 "$archive" >cut.tar.gz
	restore "$PWD/cut.tar.gz"
	expect 65 truncated
	cp "$BATS_FILE_TMPDIR/dump" dump.sql
	echo '-- PostgreSQL database dump complete' >>dump.sql
	restore "$PWD/dump.sql"
	expect 65 'not a data directory'
	mkdir files
	echo x >files/PG_VERSION
	tar -cf files.tar files
	restore "$PWD/files.tar"
	expect 65 'no data directory'
	restore "$PWD/none.tar"
	expect 66
	restore -
	expect 64
	restore
	expect 64
	cp -a "$cold" other
	printf 'x' | dd of=other/global/pg_control bs=1 seek=40 conv=notrunc status=none
	tar -cf other.tar other
	restore "$PWD/other.tar"
	expect 65 'global/pg_control: its checksum does not hold'
	rm -rf other
	cp -a "$cold" one
	cp -a "$cold" two
	tar -cf several.tar one two
	restore "$PWD/several.tar"
	expect 65 'several data directories: one and two'
	rm -rf one two
	untouched
}

@test 'a PG_VERSION or pg_control that is a link is no file to read: refused' {
	local each name
	for name in PG_VERSION global/pg_control; do
		for each in 'ln -sr' ln; do
			rm -rf small
			small
			mv "small/$name" small/base/a
			$each "$PWD/small/base/a" "small/$name"
			tar -cf link.tar small/base small/PG_VERSION small/global
			restore "$PWD/link.tar"
			expect 65 'no file PG_VERSION beside a file global/pg_control'
			untouched
		done
	done
}

@test 'taken while the server ran: said before, and its postmaster.pid stays behind' {
	cp -a "$cold" running
	printf '1\n/var/lib/postgresql/data\n' >running/postmaster.pid
	set_state running/global/pg_control 6
	tar -cf running.tar running
	pge restore --check running.tar
	expect 0
	[[ $output == *'has a postmaster.pid'*'pg_control says "in production"'* ]] || fail "$output"
	mkfifo pipe
	cat running.tar >pipe &
	echo notes >./-
	pge restore --check pipe
	expect 0
	[[ $output == *'it came as a stream'* ]] || fail "$output"
	pge restore --check - <running.tar
	expect 0
	restore "$PWD/running.tar"
	expect 0 'has a postmaster.pid' 'pg_control says "in production"'
	[ -e "$volume/PG_VERSION" ]
	[ ! -e "$volume/postmaster.pid" ]
	rm -rf "${volume:?}"/*
	echo 'START WAL LOCATION' >running/backup_label
	: >running/standby.signal
	tar -cf running.tar running
	restore "$PWD/running.tar"
	expect 0 'has a backup_label' 'will start as a standby'
	not_logged 'of different moments'
	[ -e "$volume/backup_label" ]
}

@test 'archives that reach out: refused, nothing outside is written, nothing stays inside' {
	local each count=0
	mkdir "$top/outside" attacks
	echo safe >"$top/outside/canary"
	small
	python3 "$BATS_TEST_DIRNAME/crafted.py" attacks "$top/outside" small
	for each in attacks/*.tar; do
		restore "$PWD/$each"
		[ "$status" = 65 ] || fail "$each: exit $status"
		untouched
		equal "$(ls "$top/outside")" canary "$each"
		equal "$(<"$top/outside/canary")" safe "$each"
		equal "$(cd "$top" && echo *)" 'data outside' "$each"
		count=$((count + 1))
	done
	((count == 23))
	tar -cf small.tar -C small .
	restore "$PWD/small.tar"
	expect 0
	new_volume
	restore "$PWD/attacks/tablespace.tar"
	expect 65 'the files of a tablespace lie elsewhere'
	ln -s "$top/outside" small/pg_wal
	tar -cf small.tar -C small .
	restore "$PWD/small.tar"
	expect 65 'its WAL lies elsewhere'
	untouched
}

@test 'a full disk: 73, and nothing half there' {
	rm -rf "$volume"
	mount -t tmpfs -o size=10m none "$top"
	mkdir "$volume"
	restore "$archive"
	expect 73 'are to be unpacked'
	untouched
	umount "$top"
	# It fits by its bytes; what it lacks comes to light in the middle.
	mount -t tmpfs -o size=400m,nr_inodes=300 none "$top"
	mkdir "$volume"
	restore "$archive"
	expect 73 'No space left on device'
	untouched
}

@test 'one at a time' {
	exec 8<"$volume"
	flock 8
	restore "$archive"
	expect 75 'another restore is at it'
	exec 8<&-
	untouched
}

# After a kill: no server would start, or all of it is there; and the next run ends right.
ends_right() {
	if [ -e "$volume/global/pg_control" ]; then
		diff -r --exclude=postmaster.opts --exclude=.pg-entrypoint-restore "$1" "$volume" || fail 'half a restore'
	fi
	if [ -e "$volume/global/pg_control" ] && [ ! -e "$volume/.pg-entrypoint-restore/unpacked" ]; then
		restore "$2"
		expect 65 'is not empty'
		rm -rf "$volume/.pg-entrypoint-restore"
	else
		restore "$2"
		expect 0
	fi
	same_files "$1"
	equal "$(stat -c '%U %a' "$volume" "$volume/global/pg_control" | xargs)" 'postgres 700 postgres 600'
}

new_volume() {
	rm -rf "$volume"
	mkdir "$volume"
	chown postgres "$volume"
}

@test 'kill -9 at any moment: the next run ends right' {
	local round rounds=$((${KILLS:-20} / 4)) took instant
	took=$(now_ms)
	restore "$archive"
	took=$(($(now_ms) - took))
	for ((round = 0; round < rounds; round++)); do
		new_volume
		instant=$((RANDOM % took + 1))
		url='' command_of restore --pgdata="$volume" "$archive"
		timeout -s KILL "$((instant / 1000)).$(printf %03d $((instant % 1000)))" "${command[@]}" >out 2>err || true
		ends_right "$cold" "$archive"
	done
}

@test 'kill -9 at each step of the placing: the next run ends right' {
	local call at
	small
	tar -cf small.tar -C small .
	url='' LEAKS=0 command_of restore --pgdata="$volume" "$PWD/small.tar"
	for call in renameat unlinkat fsync syncfs; do
		for at in 1 2 3 4 5 6 7; do
			new_volume
			strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$at" "${command[@]}" >out 2>err || true
			ends_right small "$PWD/small.tar"
		done
	done
}

@test 'what was cut off behind its unpacking is finished only with the same archive' {
	small
	tar -cf small.tar -C small .
	url='' LEAKS=0 command_of restore --pgdata="$volume" "$PWD/small.tar"
	strace -qq -o /dev/null -e trace=renameat -e inject=renameat:signal=KILL:when=4 "${command[@]}" >out 2>err || true
	[ -e "$volume/.pg-entrypoint-restore/unpacked" ]
	cp small.tar other.tar
	restore "$PWD/other.tar"
	expect 65 'the restore of small.tar was cut off here' 'finish it with that archive'
	restore "$PWD/small.tar"
	expect 0 'a restore that was cut off is finished'
	same_files small
}
