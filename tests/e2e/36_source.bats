# From whatever a dump comes: packed, nested, through a pipe. What cannot be read where it lies is unpacked into TMPDIR, of which
# nothing is left.

load lib

setup_file() {
	server_start
	ln -s "$binary" "$BATS_FILE_TMPDIR/pg_dump"
	export dumps=$BATS_FILE_TMPDIR/dumps
	mkdir "$dumps"
	cd "$dumps" || return
	database=source
	sql -d postgres 'create database source'
	sql "create table actor (id int primary key, name text)" \
		"insert into actor select i, md5(i::text) from generate_series(1, 2000) i" \
		"select lo_from_bytea(4711, '\\x0001ff')" "select lo_from_bytea(4712, decode(repeat('ab', 300000), 'hex'))" >/dev/null
	dumped plain.sql
	dumped custom.dump -Fc
	dumped tape.tar -Ft
	dumped folder -Fd -Z zstd
	packed
}

teardown_file() {
	server_stop
}

# our_pg_dump [OPTION...]: it is as new as can be.
our_pg_dump() {
	env -i ASAN_OPTIONS=detect_leaks=0 "$BATS_FILE_TMPDIR/pg_dump" -h "$server" -p "$port" -U postgres -d source "$@"
}

# dumped FILE [OPTION...]
dumped() {
	our_pg_dump -f "$1" "${@:2}"
}

packed() {
	mkdir packed tape bundle media
	gzip -c custom.dump >packed/custom.dump.gz
	zstd -qc custom.dump >packed/custom.dump.zst
	xz -0c tape.tar >packed/tape.tar.xz
	gzip -c plain.sql >plain.sql.gz
	tar -c plain.sql.gz | zstd -q >packed/plain.tar.zst
	tar -czf packed/custom.tgz custom.dump
	tar -cf packed/tape-in.tar tape.tar
	tar -cf packed/folder.tar folder
	tar -C folder -czf packed/folder.tar.gz .
	tar -C tape -xf tape.tar
	python3 -c "
import shutil
shutil.make_archive('dvdrental', 'zip', 'tape')
shutil.make_archive('folder', 'zip', 'folder')"
	mv dvdrental.zip packed/dvdrental.tar # so others have called it
	mv folder.zip packed
	bundled
}

# As the old scripts wrote it.
bundled() {
	head -c 20000 /dev/urandom >media/1.jpg
	tar -czf bundle/media_backup_20260101_000000.tar.gz media
	tar -czf bundle/static_backup_20260101_000000.tar.gz media
	cp plain.sql bundle/db_backup_20260101_000000.sql
	tar -C bundle -czf full_backup_20260101_000000.tar.gz .
	cp full_backup_20260101_000000.tar.gz packed
	tar -c full_backup_20260101_000000.tar.gz | zstd -q >packed/again.tar.zst
}

content() {
	env -i LC_ALL=C.UTF-8 "$pg/pg_dump" -h "$server" -p "$port" -U postgres -N entrypoint --no-owner "$1" |
		grep -vE '^\\(un)?restrict |^-- Dumped '
}

# Nothing is left in TMPDIR.
nothing_left() {
	equal "$(find tmp -mindepth 1)" '' 'left in TMPDIR'
}

# restores SOURCE [NAME]: into an empty database; it equals the source, and the journal has the name.
restores() {
	mkdir -p tmp
	pge TMPDIR="$PWD/tmp" restore "$1"
	expect 0 ' restored: '
	content source >wanted
	content "$database" >got
	diff wanted got >difference || fail "$1: $(head -n 30 difference)"
	equal "$(sql "select kind, item, finished_at is not null from entrypoint.journal")" "restore|${2-$(basename "$1")}|t"
	nothing_left
}

untouched() {
	equal "$(sql "select count(*) from pg_class where oid >= 16384" \
		"select count(*) from pg_namespace where oid >= 16384" | xargs)" '0 0' 'objects'
	nothing_left
}

@test 'archives in codecs, in tar and zip, bundles, and each of these in the other' {
	local source
	for source in $(some 1 "$dumps"/packed/*); do
		restores "$source"
		database_new
	done
}

@test 'a dump, and a bundle, that were packed with their whole path' {
	mkdir -p var/backups/app media
	cp "$dumps/plain.sql" var/backups/app/db_backup.sql
	tar -czf x.tgz var/backups/app/db_backup.sql
	restores "$PWD/x.tgz"
	database_new
	rm var/backups/app/*
	cp "$dumps"/bundle/* var/backups/app
	tar -cf full.tar var/backups/app
	pge ENTRYPOINT_VOLUMES="media:$PWD/media" restore full.tar
	expect 0 'volume media: restored'
	[ -s media/1.jpg ] || fail 'it is not there'
}

@test 'what is said names the source as a person knows it' {
	restores "$dumps/full_backup_20260101_000000.tar.gz"
	logged 'full_backup_20260101_000000.tar.gz: db_backup_20260101_000000.sql restored: '
	not_logged "$PWD/tmp" /proc/
	database_new
	restores "$dumps/packed/custom.dump.gz"
	logged 'custom.dump.gz restored: '
	not_logged "$PWD/tmp" /proc/
}

@test 'standard input, and a pipe that has a name' {
	local source
	for source in $(some 1 plain.sql.gz custom.dump packed/tape.tar.xz packed/folder.tar.gz full_backup_20260101_000000.tar.gz); do
		restores - 'standard input' <"$dumps/$source"
		database_new
	done
	zstd -dqc "$dumps/packed/custom.dump.zst" | restores - 'standard input'
	database_new
	mkfifo pipe
	cat "$dumps/custom.dump" >pipe 3>&- &
	restores pipe
}

@test 'what pg_dump 17 and newer write to a file as standard output: the table of contents stands there twice' {
	our_pg_dump -Fc >twice.dump
	(($(stat -c %s twice.dump) > $(stat -c %s "$dumps/custom.dump") + 1000)) || fail 'it stands there once'
	restores "$PWD/twice.dump"
	database_new
	gzip twice.dump
	restores - 'standard input' <twice.dump.gz
}

@test 'plan, lint, list and check take all of them too' {
	local source verb
	mkdir tmp
	for source in packed/custom.dump.gz packed/plain.tar.zst packed/dvdrental.tar packed/folder.tar full_backup_20260101_000000.tar.gz; do
		pge TMPDIR="$PWD/tmp" restore --plan "$dumps/$source"
		expect 0
		[[ $output == 'dump of server '* ]] || fail "$source: no plan"
		pge TMPDIR="$PWD/tmp" restore --lint "$dumps/$source"
		expect 0
		for verb in --check --list; do
			pge TMPDIR="$PWD/tmp" restore "$verb" "$dumps/$source"
			expect 0
		done
	done
	for verb in --plan --lint --check --list; do
		pge TMPDIR="$PWD/tmp" restore "$verb" - <"$dumps/full_backup_20260101_000000.tar.gz"
		expect 0
	done
	untouched
}

@test 'damaged ones are refused before anything is written' {
	local source
	mkdir tmp
	for source in plain.sql.gz custom.dump packed/tape.tar.xz packed/folder.tar.gz packed/folder.zip full_backup_20260101_000000.tar.gz; do
		head -c -700 "$dumps/$source" >short
		pge TMPDIR="$PWD/tmp" restore short
		expect 65 'error: restore: short'
		pge TMPDIR="$PWD/tmp" restore - <short
		expect 65 'error: restore: standard input'
	done
	cp -r "$dumps/folder" .
	rm folder/blob_4711.dat.zst
	tar -cf short folder
	pge TMPDIR="$PWD/tmp" restore short
	expect 65 'short: not whole: blob_4711.dat is missing'
	pge TMPDIR="$PWD/tmp" restore - </dev/null
	expect 65 'standard input: empty'
	untouched
}

@test 'no dump, several dumps, encrypted ones' {
	mkdir tmp
	pge restore "$dumps/bundle/media_backup_20260101_000000.tar.gz"
	expect 65 'an archive of files (a volume), which holds no database'
	cp "$dumps/plain.sql" db_1.sql
	cp "$dumps/plain.sql" db_2.sql
	tar -cf two.tar db_1.sql db_2.sql
	pge TMPDIR="$PWD/tmp" restore two.tar
	expect 65 'two.tar: it holds 2 dumps, and nothing says which is meant' 'unpack it'
	cp "$dumps/plain.sql" other.sql
	cp "$dumps"/bundle/media_backup_20260101_000000.tar.gz .
	tar -cf one.tar db_1.sql other.sql media_backup_20260101_000000.tar.gz
	pge TMPDIR="$PWD/tmp" restore --plan one.tar
	expect 0 'db_1.sql is meant, by its name; the bundle has 1 other dump' \
		'one.tar: `volumes` names no folder for 1 of its archives of files: not restored'
	python3 -c "
import zipfile
with zipfile.ZipFile('locked.zip', 'w') as file:
	file.writestr('dump.sql', 'secret' * 100)
text = bytearray(open('locked.zip', 'rb').read())
text[6] |= 1 # of the general purpose bits the one for encryption
open('locked.zip', 'wb').write(text)"
	pge restore locked.zip
	expect 65 'locked.zip: encrypted: a zip with a password' 'unzip it first'
	printf 'age-encryption.org/v1\n-> X25519 abc\n' >'a b.age'
	pge TMPDIR="$PWD/tmp" restore 'a b.age'
	expect 65 'a b.age: encrypted with age' 'hint: age --decrypt -i KEY "a b.age" | pg-entrypoint restore -'
	printf '\205\002\014\003%01000d' 1 >x.gpg
	pge TMPDIR="$PWD/tmp" restore x.gpg
	expect 65 'hint: gpg --decrypt x.gpg | pg-entrypoint restore -'
	command_of restore -
	captured script -qec "$(printf '%q ' "${command[@]}")" /dev/null
	[[ $output == *'standard input is a terminal'* ]] || fail 'it waits for a person to type a dump'
	untouched
}

@test 'what would be dropped without a word is an error of usage; what is not there needs no server' {
	local words
	for words in '--plan --check' '--list --lint' '--no-safety-copy' '--confirm=x' '--pgdata --plan' '--pgdata --replace' \
		'--check --only=volume:x' '--list --only=db' '--lint --only=db' '--check --replace' '--lint --trusted' '--pgdata --only=db'; do
		# shellcheck disable=SC2086 # words
		pge restore $words "$dumps/plain.sql"
		expect 64
	done
	pge DATABASE_URL='postgresql://127.0.0.1:1/x' ENTRYPOINT_WAIT_FOR=tcp://127.0.0.1:1 restore absent.sql
	expect 66 'restore: absent.sql: No such file or directory'
	untouched
	# But for one that is waited for.
	(sleep 1 && cp "$dumps/plain.sql" late.sql) &
	pge ENTRYPOINT_WAIT_FOR="file:$PWD/late.sql" restore late.sql
	expect 0
}

# small SIZE SOURCE: with no more room than that in TMPDIR.
small() {
	mkdir -p tmp
	command_of TMPDIR="$PWD/tmp" restore "$2"
	captured unshare -m sh -c "mount -t tmpfs -o size=$1 none tmp && \"\$@\"; code=\$?
		ls -A tmp >left; exit \$code" sh "${command[@]}"
	equal "$(cat left)" '' 'left in TMPDIR'
}

@test 'no room in TMPDIR: compared first where the size is known, and nothing is half there' {
	small 16k "$dumps/packed/custom.dump.gz"
	expect 73 "$PWD/tmp has room for 16 kB, and " ' kB are to be unpacked' 'set TMPDIR'
	small 16k "$dumps/packed/folder.tar"
	expect 73 'are to be unpacked'
	small 64k "$dumps/full_backup_20260101_000000.tar.gz"
	expect 73 'are to be unpacked'
	small 16k - <"$dumps/custom.dump"
	expect 73 "unpacking into $PWD/tmp: No space left on device" 'set TMPDIR'
	pge TMPDIR="$PWD/absent" restore "$dumps/packed/custom.dump.gz"
	expect 73 "$PWD/absent: No such file or directory"
	untouched
}

@test 'what a killed run has left of a folder in TMPDIR is removed by the next' {
	mkdir -p tmp/.pg-entrypoint-spool-abcdef tmp/.pg-entrypoint-spool-in-use tmp/other
	touch tmp/.pg-entrypoint-spool-abcdef/toc.dat
	exec 9<tmp/.pg-entrypoint-spool-in-use
	flock 9
	pge TMPDIR="$PWD/tmp" restore --lint "$dumps/packed/folder.tar" 9<&-
	expect 0 "removed $PWD/tmp/.pg-entrypoint-spool-abcdef, which a run that was killed has left"
	equal "$(find tmp -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" '.pg-entrypoint-spool-in-use other'
	exec 9<&-
}
