# A backup is proven before anything is written: `restore --check` and `--list`, which need no server.
#
# PERCENT: backups are cut at every so many percent of their length (5); FLIPS: so many of their bits are flipped (60); both are
# told in a table. SAMPLES: a folder with plain dumps of others (lib.bash), which are proven too.

load lib

setup_file() {
	local z
	server_start
	database_new dumped
	fill
	dumps=$BATS_FILE_TMPDIR/dumps
	export dumps pg_dump=$BATS_FILE_TMPDIR/bin/pg_dump
	mkdir "$dumps" "$BATS_FILE_TMPDIR/bin"
	ln -s "$binary" "$pg_dump"
	dump_formats "$pg/pg_dump" old
	dump_formats "$pg_dump" new
	for z in zstd lz4; do
		dump "$pg_dump" -Fc -Z "$z" -f "$dumps/new-$z.dump"
		dump "$pg_dump" -Fd -Z "$z" -f "$dumps/new-$z.dir"
	done
	dump "$pg_dump" -Fc >"$dumps/new-stdout.dump" # its table of contents stands there twice
	dump "$pg_dump" -C -f "$dumps/create.sql"
	as_postgres "$pg/pg_dumpall" -h "$server" -p "$port" -U postgres >"$dumps/all.sql"
	for z in gzip zstd xz bzip2; do
		"$z" -c <"$dumps/new.sql" >"$dumps/new.sql.$z"
	done
	mv "$dumps/new.sql.gzip" "$dumps/new.sql.gz"
	mv "$dumps/new.sql.zstd" "$dumps/new.sql.zst"
	mv "$dumps/new.sql.bzip2" "$dumps/new.sql.bz2"
	boxed
	cp "$server/data/global/pg_control" "$BATS_FILE_TMPDIR"
	server_stop
	export server=
}

# In other containers; one of another block size would have zeros at its end that may be missing.
boxed() {
	tar -C "$dumps" -b 1 -cf "$dumps/folder.tar" new-zstd.dir
	mkdir "$BATS_FILE_TMPDIR/boxed"
	head -c 20000 /dev/urandom >"$BATS_FILE_TMPDIR/boxed/1.jpg"
	tar -C "$BATS_FILE_TMPDIR" -czf "$BATS_FILE_TMPDIR/media_backup.tar.gz" boxed
	cp "$dumps/new.dump" "$BATS_FILE_TMPDIR/db_backup.dump"
	tar -C "$BATS_FILE_TMPDIR" -czf "$dumps/bundle.tar.gz" media_backup.tar.gz db_backup.dump
}

# Some of all that has a form of its own in a dump.
fill() {
	sql "create table empty (i int)" \
		"create table actor (id int primary key, name text, note jsonb)" \
		"insert into actor select i, 'name ' || md5(i::text), jsonb_build_object('a', i) from generate_series(1, 3000) i" \
		"create table visit (at date, who int references actor) partition by range (at)" \
		"create table visit_2026 partition of visit for values from ('2026-01-01') to ('2027-01-01')" \
		"insert into visit select date '2026-01-01' + i % 300, i from generate_series(1, 3000) i" \
		"create function odd() returns text language sql as \$\$ select E'-- PostgreSQL database dump complete\\n\\\\!' \$\$" \
		"insert into actor values (0, E'\\\\.\\n-- PostgreSQL database dump complete\\n\\\\! id\\n', null)" \
		"select lo_from_bytea(0, decode(repeat(md5(i::text), 300), 'hex')) from generate_series(1, 4) i" \
		"select lo_create(0)" >/dev/null
}

# dump PROGRAM [ARG...]
dump() {
	env -i ASAN_OPTIONS=detect_leaks=0 "$1" -h "$server" -p "$port" -U postgres -d dumped "${@:2}"
}

dump_formats() {
	dump "$1" -f "$dumps/$2.sql"
	dump "$1" --inserts -f "$dumps/$2-inserts.sql"
	dump "$1" -Fc -f "$dumps/$2.dump"
	dump "$1" -Fc -Z 0 -f "$dumps/$2-0.dump"
	dump "$1" -Fc --inserts -f "$dumps/$2-inserts.dump"
	dump "$1" -Fc -s -f "$dumps/$2-schema.dump"
	dump "$1" -Fc | cat >"$dumps/$2-pipe.dump"
	dump "$1" -Ft -f "$dumps/$2.tar"
	dump "$1" -Fd -f "$dumps/$2.dir"
	dump "$1" -Fd -Z 0 -f "$dumps/$2-0.dir"
}

# whole SOURCE [TEXT...]: it is, and that is said in these words.
whole() {
	local text
	pge restore --check "$1"
	expect 0
	for text in 'whole; ' 'only files were proven: no server was asked' "${@:2}"; do
		[[ $output == *"$text"* ]] || fail "$1: not said: $text"
	done
}

# refused SOURCE TEXT...: as wrong, in these words, and nothing on standard output.
refused() {
	pge restore --check "$1"
	expect 65 "error: restore: " "${@:2}"
	equal "$output" ''
}

@test 'all that pg_dump writes is whole, in every format and compression' {
	local source
	for source in "$dumps"/*; do
		whole "$source"
	done
	whole "$dumps/new.sql" 'a dump in plain SQL, from server' 'by pg_dump' 'no checksum stands over it'
	whole "$dumps/all.sql" 'a dump of a whole cluster in plain SQL (pg_dumpall)'
	whole "$dumps/new.dump" 'a custom archive of pg_dump (-Fc) of database dumped' 'stand over its data, not over names'
	whole "$dumps/new.tar" 'a tar archive of pg_dump (-Ft) of database dumped'
	whole "$dumps/new.dir" 'a directory archive of pg_dump (-Fd) of database dumped'
	whole "$dumps/new-0.dir" 'a large object that was cut, would not be seen'
	whole "$dumps/new.sql.gz" ' of gzip, ' 'a checksum in it stands over every byte'
	whole "$dumps/new.sql.zst" ' of zstd, ' 'a checksum in it stands over every byte'
	whole - <"$dumps/new.sql.gz"
}

@test 'dumps that others have made are whole' {
	local source
	[ -e "$samples/pagila.sql" ] || skip 'SAMPLES names no folder with pagila.sql and chinook.sql'
	for source in "$samples"/*.sql; do
		whole "$source"
	done
}

@test 'the list names all that pg_restore lists' {
	local source
	for source in "$dumps"/{old,old-0,old-inserts,old-schema,old-pipe}.dump "$dumps"/old.{tar,dir}; do
		pge restore --list "$source"
		expect 0
		sed 1,2d out | grep -v '^DATABASE ' | sed -E 's/, [0-9]+ (bytes|kB)$//' | sort >ours
		"$pg/pg_restore" -l "$source" | grep -v '^;' | sed -E 's/^[0-9]+; [0-9]+ [0-9]+ //; s/ [^ ]+$//; s/ $//' |
			sed -E 's/^(.*) (public|-) /\1 \2./; s/ -\./ /' | sort >theirs
		diff ours theirs || fail "$source"
	done
	pge restore --list "$dumps/new.dump"
	[[ $output == *$'\nTABLE DATA public.actor, '* ]] || fail 'no size of actor'
	pge restore --list "$dumps/all.sql"
	expect 0
	grep -qx 'TABLE DATA public.actor, 3001 rows' out
	grep -qx 'DATABASE dumped' out
	grep -qx 'TABLE actor' out
	pge restore --list "$dumps/new-inserts.sql"
	grep -qx 'TABLE DATA actor, 3001 statements' out
}

@test 'archives of older versions, and without offsets' {
	local minor
	python3 "$BATS_TEST_DIRNAME/archive.py" to 13 "$dumps/old.dump" 13.dump
	python3 "$BATS_TEST_DIRNAME/archive.py" to 12 "$dumps/old.dump" 12.dump
	python3 "$BATS_TEST_DIRNAME/archive.py" to 15 "$dumps/new-zstd.dump" 15.dump
	python3 "$BATS_TEST_DIRNAME/archive.py" unset "$dumps/old.dump" unset.dump
	for minor in 12 13 15; do
		equal "$(od -An -t u1 -j 6 -N 1 "$minor.dump" | tr -d ' ')" "$minor"
	done
	ln -s "$binary" pg_restore
	for minor in 12 13 15 unset; do
		ASAN_OPTIONS=detect_leaks=0 ./pg_restore -f restored "$minor.dump" || fail "pg_restore cannot read $minor.dump either"
		whole "$minor.dump"
		head -c -1 "$minor.dump" >cut.dump
		refused cut.dump truncated
	done
	cp "$dumps/old.dump" other.dump
	printf '\021' | dd of=other.dump bs=1 seek=6 conv=notrunc status=none
	refused other.dump 'an archive of version 1.17' 'to 1.16 (pg_dump 18) can be read'
}

# flipped FILE BYTE: the file x.dump is it with a bit of that byte changed.
flipped() {
	python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[int(sys.argv[2])] ^= 1; open("x.dump", "wb").write(d)' "$@"
}

@test 'a table of contents behind the data must be the one before them, with the offsets at which they are' {
	local source=$dumps/new-stdout.dump first size at i
	first=$(python3 "$BATS_TEST_DIRNAME/archive.py" toc "$source")
	size=$(stat -c %s "$source")
	at=$(grep -abo 'CREATE TABLE public.actor' "$source" | tail -n 1 | cut -d : -f 1)
	((at > size - first)) || fail 'there is none'
	flipped "$source" "$at"
	refused x.dump 'another table of contents than at its beginning'
	for ((i = 0; i < 9; i++)); do
		flipped "$source" $((size - first / 2 + i * (first / 20)))
		refused x.dump x.dump:
	done
	head -c $((size - first / 2)) "$source" >x.dump
	refused x.dump truncated
	{ cat "$source"; tail -c +$((size - first / 2)) "$source"; } >x.dump
	refused x.dump 'something stands behind its end'
}

@test 'cut anywhere, followed by anything, a bit flipped anywhere: refused, or said beforehand not to be seen' {
	local percent=${PERCENT-5} flips=${FLIPS-60}
	[ -z "${SANITIZED-}" ] || percent=${PERCENT-34} flips=${FLIPS-30}
	setting_up
	env "${base[@]}" python3 "$BATS_TEST_DIRNAME/mutilate.py" "$binary" "$percent" "$flips" \
		"$dumps"/{new.sql,new.sql.gz,new.sql.zst,new.sql.xz,new.sql.bz2,all.sql,old.dump,old-0.dump,new.dump,new-zstd.dump,new-lz4.dump} \
		"$dumps"/{folder.tar,bundle.tar.gz,new-inserts.dump,new-pipe.dump,new-stdout.dump,old.tar,new.tar,old.dir,new-0.dir,new-zstd.dir} >table || {
		cat table
		fail 'something was accepted'
	}
	sed 's/^/# /' table >&3
}

@test 'a plain dump without its last lines, with a byte order mark, Windows lines, UTF-16, NUL bytes, or nothing' {
	local key
	grep -v 'dump complete' "$dumps/new.sql" >x.sql
	refused x.sql 'x.sql: it does not end as a dump ends' '"-- PostgreSQL database dump complete" must be'
	{ printf '\357\273\277'; cat "$dumps/new.sql"; } >x.sql
	whole x.sql
	sed 's/$/\r/' "$dumps/new.sql" >x.sql
	whole x.sql 'its lines end as on Windows'
	sed 's/$/\r/' "$dumps/new.sql" | head -n -5 >x.sql
	refused x.sql ': \restrict without its \unrestrict'
	{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE "$dumps/new.sql"; } >x.sql
	refused x.sql 'UTF-16, as PowerShell' iconv
	iconv -f UTF-8 -t UTF-16BE "$dumps/new.sql" >x.sql
	refused x.sql 'UTF-16'
	{ head -c 9000 "$dumps/new.sql"; head -c 100 /dev/zero; tail -c +9101 "$dumps/new.sql"; } >x.sql
	refused x.sql "x.sql:$(($(head -c 9000 "$dumps/new.sql" | wc -l) + 1)): a NUL byte"
	: >x.sql
	refused x.sql 'x.sql: empty'
	gzip -c x.sql >x.sql.gz
	refused x.sql.gz 'x.sql.gz: empty'
	{ cat "$dumps/new.sql"; echo 'drop table actor;'; } >x.sql
	refused x.sql 'it does not end'
	head -c 100000 "$dumps/new.sql" >x.sql
	refused x.sql "x.sql:$(grep -n '^COPY public.actor' x.sql | cut -d : -f 1): the data of COPY have no end"
	sed '/^CREATE FUNCTION/q' "$dumps/new.sql" >x.sql
	refused x.sql "x.sql:$(wc -l <x.sql): the dump ends inside of what begins here"
}

@test 'what somebody else has written into a plain dump: another key, a command of psql' {
	local key line text
	key=$(sed -n 's/^\\restrict //p' "$dumps/new.sql")
	line=$(grep -n '^.unrestrict' "$dumps/new.sql" | cut -d : -f 1)
	sed "s/^.unrestrict $key/\\\\unrestrict x$key/" "$dumps/new.sql" >x.sql
	refused x.sql "x.sql:$line: "
	grep -v '^.unrestrict' "$dumps/new.sql" >x.sql
	refused x.sql '\restrict without its \unrestrict'
	grep -v '^.restrict' "$dumps/new.sql" >x.sql
	refused x.sql "x.sql:$((line - 1)): "
	line=$(grep -n '^CREATE TABLE public.actor' "$dumps/new.sql" | cut -d : -f 1)
	for text in '\! touch touched' '\i /etc/passwd' '\connect other' '\copy actor from program id' 'select 1 \gexec'; do
		{ head -n $((line - 1)) "$dumps/new.sql"; echo "$text"; tail -n +"$line" "$dumps/new.sql"; } >x.sql
		refused x.sql "x.sql:$line: "
	done
	{ head -n $((line - 1)) "$dumps/new.sql"; echo "\\unrestrict $key"; tail -n +"$line" "$dumps/new.sql"; } >x.sql
	refused x.sql 'x.sql:'
	[ ! -e touched ] || fail 'it was carried out'
}

@test 'a checksum beside it is compared, in the forms of all tools' {
	cp "$dumps/new.sql" x.sql
	sha256sum x.sql >x.sql.sha256
	whole x.sql 'every byte is as x.sql.sha256 says'
	sha256sum --tag x.sql >x.sql.sha256
	whole x.sql 'every byte is as'
	sha256sum x.sql | cut -d ' ' -f 1 >x.sql.sha256
	whole x.sql 'every byte is as'
	{ sha256sum "$dumps/old.sql"; sha256sum x.sql; } >x.sql.sha256
	whole x.sql 'every byte is as'
	sed -i 's/name a/name b/' x.sql
	refused x.sql 'x.sql: damaged: x.sql.sha256 says'
	rm x.sql.sha256
	whole x.sql 'no checksum stands over it'
	md5sum "$dumps/new.sql" >x.sql.md5
	refused x.sql 'x.sql: damaged: x.sql.md5 says'
	sha256sum "$dumps"/old.sql "$dumps"/old.dump >x.sql.sha256
	refused x.sql 'no checksum of x.sql stands there'
	echo hello >x.sql.sha256
	refused x.sql 'x.sql.sha256:1: no checksum stands there'
	rm x.sql.*
	head -c 5000 "$dumps/new.sql" >x.sql
	sha256sum x.sql >x.sql.sha256
	refused x.sql 'x.sql:' 'x.sql.sha256 holds: it was written like this'
}

@test 'a checksum in other forms: of openssl, escaped, behind a mark or blanks, and those of several folders' {
	local hex
	cp "$dumps/new.sql" x.sql
	hex=$(sha256sum <x.sql | cut -d ' ' -f 1)
	for line in "SHA2-256(x.sql)= $hex" "SHA256(./x.sql)= $hex" $'\xef\xbb\xbf'"$hex  x.sql" "  $hex  x.sql"; do
		printf '%s\n' "$line" >x.sql.sha256
		whole x.sql 'every byte is as x.sql.sha256 says'
	done
	{ echo "$(printf '0%.0s' {1..64})  old/x.sql"; echo "$hex  new/x.sql"; } >x.sql.sha256
	whole x.sql 'every byte is as x.sql.sha256 says'
	echo "SHA2-256(x.sql)= $(printf '0%.0s' {1..64})" >x.sql.sha256
	refused x.sql 'x.sql: damaged: x.sql.sha256 says 000'
	rm x.sql.sha256
	echo "MD5(x.sql)= $(md5sum <x.sql | cut -d ' ' -f 1)" >x.sql.md5
	whole x.sql 'every byte is as x.sql.md5 says'
	cp x.sql 'a\b.sql'
	sha256sum 'a\b.sql' x.sql >'a\b.sql.sha256'
	equal "$(head -c 1 'a\b.sql.sha256' | od -An -tx1 | xargs)" 5c 'it is escaped'
	whole 'a\b.sql' 'every byte is as'
}

# A bundle as the old scripts wrote it, in the folder b.
bundle() {
	mkdir -p b/media/photos b/static
	head -c 20000 /dev/urandom >b/media/photos/1.jpg
	echo '{}' >b/media/broken.gz
	tar -C b -czf b/media_backup_20260101_000000.tar.gz media
	tar -C b -czf b/static_backup_20260101_000000.tar.gz static
	rm -r b/media b/static
	cp "$dumps/new.sql" b/db_backup_20260101_000000.sql
}

@test 'a bundle is opened member by member' {
	bundle
	tar -C b -czf full.tar.gz .
	whole full.tar.gz 'a bundle that holds a dump, from server' ' of gzip, '
	pge restore --list full.tar.gz
	expect 0
	grep -q 'db_backup_20260101_000000.sql: a dump in plain SQL, ' out
	grep -q 'media_backup_20260101_000000.tar.gz: an archive of files (a volume), gzip, ' out
	head -c 3000 "$dumps/new.sql" >b/db_backup_20260101_000000.sql
	tar -C b -czf full.tar.gz .
	refused full.tar.gz 'full.tar.gz: ./db_backup_20260101_000000.sql:' 'the dump was cut'
	: >b/db_backup_20260101_000000.sql
	tar -C b -czf full.tar.gz .
	refused full.tar.gz 'db_backup_20260101_000000.sql: empty'
	cp "$dumps/new.sql" b/db_backup_20260101_000000.sql
	truncate -s -9 b/media_backup_20260101_000000.tar.gz
	tar -C b -czf full.tar.gz .
	refused full.tar.gz 'media_backup_20260101_000000.tar.gz: truncated gzip data'
}

@test 'nested: tar.zst of sql.gz, a dump in a tar in a gzip, a zip that calls itself tar' {
	cp "$dumps/new.sql.gz" "$dumps/new.dump" "$dumps/new.tar" .
	tar -c new.sql.gz | zstd -q >x.tar.zst
	whole x.tar.zst 'a bundle that holds a dump' ' of zstd, '
	tar -czf x.tgz new.dump
	whole x.tgz 'of database dumped'
	gzip -c new.tar >x.tar.gz
	whole x.tar.gz 'a tar archive of pg_dump (-Ft) of database dumped'
	python3 -c "
import shutil, sys
shutil.make_archive('z', 'zip', sys.argv[1])
shutil.make_archive('one', 'zip', '.', 'new.tar')" "$dumps/old.dir"
	mv z.zip dvdrental.tar
	whole dvdrental.tar 'of database dumped' 'stand over its data'
	whole one.zip 'of database dumped'
	head -c -30 dvdrental.tar >cut.tar
	refused cut.tar 'no directory ends this zip'
	{ cat dvdrental.tar; echo x; } >longer.tar
	refused longer.tar 'no directory ends this zip'
	tar -C "$dumps" -czf x.tar.gz new-zstd.dir
	whole x.tar.gz 'of database dumped'
	mkdir new
	cp -r "$dumps/new-zstd.dir" new/d
	rm new/d/blob_*.dat.zst
	tar -C new -czf x.tar.gz d
	refused x.tar.gz 'not whole: blob_'
}

@test 'a tar of files is a volume, and what people keep in it is not judged' {
	mkdir -p media/a/b
	echo x >media/photo.jpg
	head -c 3000 "$dumps/new.sql.gz" >media/a/b/upload.sql.gz
	head -c 3000 "$dumps/new.sql.gz" >media/upload.sql.gz
	tar -czf media.tar.gz media
	whole media.tar.gz 'an archive of files (a volume)'
	tar -cf media.tar media
	whole media.tar
	head -c -9800 media.tar >cut.tar
	refused cut.tar 'truncated'
	python3 -c "
import tarfile
t = open('media.tar', 'rb').read()
end = max(m.offset_data + (m.size + 511) // 512 * 512 for m in tarfile.open('media.tar'))
open('between.tar', 'wb').write(t[:end])"
	refused between.tar 'no two blocks of zeros end this tar'
	mkdir -p data/global data/base/1
	echo 15 >data/PG_VERSION
	cp data/PG_VERSION data/base/1
	cp "$BATS_FILE_TMPDIR/pg_control" data/global
	tar -czf pgdata.tar.gz data
	whole pgdata.tar.gz "an archive of a server's data directory, from server 15"
}

@test 'what only has a name like a dump, and is known to be none, is a file as others are' {
	local garbled
	mkdir media
	echo x | gzip >media/handbook.gz
	head -c 3000 /dev/urandom >media/mydb.bak
	tar -cf media.tar media
	whole media.tar 'an archive of files (a volume)'
	cp "$dumps/new.sql" db_backup.sql
	tar -cf full.tar db_backup.sql media
	whole full.tar 'a bundle that holds a dump'
	printf 'age-encryption.org/v1\n-> X25519 abc\n' >db_backup.sql
	tar -cf full.tar db_backup.sql media
	refused full.tar 'db_backup.sql: encrypted with age'
	# A whole one beside one that was garbled is not the one that is meant.
	cp "$dumps/new.sql" audit_backup.sql
	for garbled in "$(head -c 3000 /dev/zero | tr '\0' x)" "$(sed 1,30d "$dumps/new.sql")" $'\x01\x02'; do
		printf '%s' "$garbled" >db_backup.sql
		tar -cf full.tar audit_backup.sql db_backup.sql
		refused full.tar 'db_backup.sql'
	done
}

@test 'what is no backup is named as what it is' {
	printf '\205\002\014\003%01000d' 1 >x
	refused x 'x: encrypted with gpg' 'gpg --decrypt'
	printf -- '-----BEGIN PGP MESSAGE-----\n\nabc\n' >x
	refused x 'encrypted with gpg'
	printf 'age-encryption.org/v1\n-> X25519 abc\n' >x
	refused x 'encrypted with age' 'age --decrypt'
	printf 'Salted__12345678abc' >x
	refused x 'encrypted with openssl'
	printf -- '-- MySQL dump 10.13\nCREATE TABLE t (i int);\n' >x
	refused x 'a dump of MySQL or MariaDB'
	printf 'SQLite format 3\0abc' >x
	refused x 'a database of SQLite'
	echo 'select 1;' >x
	refused x 'text, but no dump'
	{ echo 'pg_dump: warning: there are circular foreign keys'; cat "$dumps/new.sql"; } >x
	refused x 'text, but no dump'
	head -c 5000 /dev/zero >x
	refused x 'nothing that is known'
	refused "$dumps/old.dir/toc.dat" 'the table of contents of a directory or tar archive, without its data'
	refused . 'it has no toc.dat'
	refused /dev/null empty
}

@test 'what is asked wrongly is an error of usage, what is not there is no source' {
	pge restore --check
	expect 64 'no source is named'
	pge restore --check a b
	expect 64 'one source at a time'
	pge restore --check absent.sql
	expect 66 'absent.sql: No such file or directory'
	pge restore --list absent.sql
	expect 66
	pge migrate --list
	expect 64 'migrate takes no --list'
}

@test 'a damaged one is listed as far as it could be read' {
	head -c -3000 "$dumps/new.dump" >x.dump
	pge restore --list x.dump
	expect 65 'truncated'
	[[ $output == *$'\nTABLE public.actor\n'* ]] || fail 'the table of contents is not shown'
}

@test 'it tells how far it is, and a signal ends it' {
	mkfifo slow
	{
		head -c 5000 "$dumps/new.sql"
		sleep 6
		tail -c +5001 "$dumps/new.sql"
	} >slow 3>&- &
	whole slow
	logged 'slow: 0 MB read'
	begin restore --check slow # nobody writes
	sleep 0.3
	stops TERM 143
}
