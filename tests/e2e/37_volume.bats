# File volumes: restored with the database, into empty folders only, whole or not at all, and nothing outside of them is touched.
#
# KILLS: a restore is killed at half as many random instants (12).

load lib

setup_file() {
	server_start
	cd "$BATS_FILE_TMPDIR" || return
	database=source
	sql -d postgres 'create database source'
	sql 'create table photo (name text)' "insert into photo select '1.jpg'" >/dev/null
	env -i "$pg/pg_dump" -h "$server" -p "$port" -U postgres -f db_backup_20260101_000000.sql source
	export backups=$BATS_FILE_TMPDIR/backups
	mkdir bundle backups
	media_make
	tar --format=posix -czf bundle/media_backup_20260101_000000.tar.gz media
	mkdir static
	echo 'a {}' >static/site.css
	tar -C static -cf bundle/static_backup_20260101_000000.tar .
	cp db_backup_20260101_000000.sql bundle
	tar -C bundle -czf backups/full_backup_20260101_000000.tar.gz .
	mkdir beside
	cp bundle/* beside
}

teardown_file() {
	server_stop
}

# Owners, modes, times, both kinds of links, an empty folder; as many files as a restore takes some time for.
media_make() {
	local i
	mkdir -p media/a/b media/empty media/many
	for ((i = 0; i < 300; i++)); do
		head -c 3000 /dev/urandom >"media/many/$i"
	done
	echo 1 >media/1.jpg
	echo 2 >'media/a/b/ü 2.jpg'
	ln -s b/../../1.jpg media/wrong
	rm media/wrong
	ln -s ../1.jpg media/a/link
	ln media/1.jpg media/a/same
	chmod 640 media/1.jpg
	chmod 4755 'media/a/b/ü 2.jpg'
	chmod 2711 media/empty
	chown -h 1234:2345 media/1.jpg media/a/link
	touch -h -d '2020-02-02 02:02:02.5Z' media/1.jpg media/a/link
	chown 1234:2345 media
	touch -d '2020-02-03 02:02:02Z' media/empty media
	chmod 750 media
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	database_new
	mkdir -p volumes/media volumes/static tmp
	settings=(TMPDIR="$PWD/tmp" ENTRYPOINT_VOLUMES="media:$PWD/volumes/media static:$PWD/volumes/static")
}

# What is in a folder, comparable. A file has no bits of a mode that would make it run as its owner.
tree() {
	(cd "$1" && find . -path ./.pg-entrypoint -prune -o -printf '%P %y %U:%G %T@ %l %m %s\n' |
		sed -E '/ f /s/ 4755 / 755 /; / d /s/ [0-9]*$//' | sort)
}

# same_media [FOLDER]: it is as the source's.
same_media() {
	tree "$BATS_FILE_TMPDIR/media" >wanted
	tree "${1-volumes/media}" >got
	diff wanted got >difference || fail "$(head -n 20 difference)"
	(cd "$BATS_FILE_TMPDIR/media" && find . -type f -exec sha256sum {} + | sort) >wanted
	(cd "${1-volumes/media}" && find . -path ./.pg-entrypoint -prune -o -type f -exec sha256sum {} + | sort) >got
	diff wanted got || fail 'what is in the files'
	[ "${1-volumes/media}/1.jpg" -ef "${1-volumes/media}/a/same" ] || fail 'a hard link is no more'
}

# As before, but for our own folder where there was one.
empty() {
	equal "$(find "$1" -mindepth 1 -path "$1/.pg-entrypoint" -prune -o -printf '%P ')" '' "in $1"
	[ ! -e "$1/.pg-entrypoint/tree" ] || fail "a part of a restore is left in $1"
}

# The mark, and nothing else of ours.
marked() {
	equal "$(ls -A "$1/.pg-entrypoint")" mark "ours in $1"
	[[ $(<"$1/.pg-entrypoint/mark") == "$2"* ]] || fail "the mark is $(<"$1/.pg-entrypoint/mark")"
}

no_database() {
	equal "$(sql "select count(*) from pg_class where oid >= 16384")" 0 'relations'
}

@test 'a bundle: the database and its volumes, with owners, modes, times and links' {
	pge "${settings[@]}" restore "$backups/full_backup_20260101_000000.tar.gz"
	expect 0 'volume media: 304 files, 900 kB, from ' ': media_backup_20260101_000000.tar.gz into ' 'volume media: restored'
	same_media
	equal "$(sql 'select * from photo')" 1.jpg
	equal "$(cat volumes/static/site.css)" 'a {}'
	marked volumes/media 'restored from full_backup_20260101_000000.tar.gz, 20'
	marked volumes/static 'restored from'
	equal "$(ls -A tmp)" '' 'left in TMPDIR'
}

# The files that a backup of both leaves, with the settings of most tests.
backs_up() {
	rmdir volumes/media
	cp -a "$BATS_FILE_TMPDIR/media" volumes
	mkdir volumes/media/media volumes/static/media
	echo 'b {}' >volumes/static/media/site.css
	truncate -s 3M volumes/media/sparse
	printf x | dd of=volumes/media/sparse bs=1 seek=2000000 conv=notrunc status=none
	sql 'set role nexus_user' 'create table photo (name text)' "insert into photo select '1.jpg'"
	mkdir backups
	settings+=(ENTRYPOINT_BACKUP_DIR="$PWD/backups")
}

@test 'backed up, wiped, restored: the database and the volumes are as they were' {
	local kept dump
	backs_up
	mkfifo volumes/static/pipe
	# What would be damage in a bundle is what people keep in a volume.
	head -n 5 "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" >volumes/static/dump.sql
	gzip -c volumes/static/dump.sql | head -c 40 >volumes/static/core.gz
	printf 'PGDMP' >volumes/static/toc.dat
	tree volumes/media >before
	pge "${settings[@]}" backup
	expect 0 'volume media: 305 files and 6 folders packed' 'volume static: 1 devices, pipes and sockets are not taken'
	dump=$output
	kept=${dump##*/}
	equal "$(cd backups && find . -type f -printf '%P %m\n' | sort)" "$(printf '%s 600\n' "$kept" "$kept.manifest" "$kept.sha256" \
		{media,static}_"${kept%.sql.gz}.tar.gz"{,.sha256} | sort)"
	(cd backups && sha256sum --quiet -c -- *.sha256 && grep -q "^SHA256 (media_${kept%.sql.gz}.tar.gz) = $(cut -d' ' -f1 "media_${kept%.sql.gz}.tar.gz.sha256")$" "$kept.manifest")
	[ ! -e volumes/media/.pg-entrypoint ] || fail 'something is written into the volume'
	database_new "t${BATS_TEST_NUMBER}_2"
	rm -r volumes
	mkdir -p volumes/media volumes/static
	boots "${settings[@]}" ENTRYPOINT_ON_EMPTY=restore
	equal "$(sql 'select * from photo')" 1.jpg
	tree volumes/media >after
	diff before after || fail 'the volume is another'
	[ volumes/media/1.jpg -ef volumes/media/a/same ] || fail 'a hard link is no more'
	(($(stat -c %b volumes/media/sparse) < 100)) || fail 'the holes are filled'
	equal "$(tail -c +2000001 volumes/media/sparse | head -c 1)" x
	equal "$(cat volumes/static/media/site.css)" 'b {}'
	equal "$(cat volumes/static/toc.dat)" PGDMP
	# What there is of ours is not in the next one.
	pge "${settings[@]}" backup
	expect 0 'volume media: 305 files and 6 folders packed'
	# One alone; and what cannot hold a volume.
	pge "${settings[@]}" backup --only db mine.sql.gz
	expect 0
	pge "${settings[@]}" backup mine.sql.gz
	expect 64 'only the database goes into one file' '--only db'
	pge "${settings[@]}" backup --only volume:media
	expect 64 'no backup without the database'
	pge "${settings[@]}" ENTRYPOINT_VOLUMES="test:$PWD/volumes/media" backup
	expect 78 'volume test: by that name a restore would not find its archive'
	for name in full backup pre_migration; do
		pge "${settings[@]}" ENTRYPOINT_VOLUMES="$name:$PWD/volumes/media" backup
		expect 78 "volume $name: by that name a restore would not find its archive"
	done
	mkdir volumes/media/backups
	ln -s volumes/media/backups link
	for within in volumes/media volumes/media/backups link; do
		pge "${settings[@]}" backup "$within"
		expect 78 "volume media: the backup would go into it, $within" 'each would hold those before it'
	done
	pge "${settings[@]}" backup --only db,volume:static volumes/media/backups
	expect 0
	mkdir -p volumes/static/.pg-entrypoint/tree
	pge "${settings[@]}" backup
	expect 65 'volume static: a restore of it is under way, or was cut off'
}

@test 'backup: a critical volume that was lost is refused as by a start; one that is known may be empty' {
	local critical=(ENTRYPOINT_VOLUMES="static:$PWD/volumes/static media:$PWD/volumes/media:critical")
	backs_up
	rm -r volumes/media
	mkdir volumes/media
	pge "${settings[@]}" "${critical[@]}" backup
	expect 65 "volume media: $PWD/volumes/media is empty and was never seen before" 'start once without :critical'
	equal "$(ls -A backups)" '' 'left in the folder'
	boots "${settings[@]}"
	pge "${settings[@]}" "${critical[@]}" backup
	expect 0 'volume media: 0 files and 1 folders packed'
}

# stopped_at NAME COMMAND...: runs it in the background until it opens a file of that name, which it has not done yet then; its
# process is $packer.
stopped_at() {
	strace -qq -o trace -P "$1" -e trace=openat -e inject=openat:signal=STOP:when=1 "${@:2}" >out 2>err 3>&- &
	job=$!
	eventually 10 grep -sq 'stopped by SIGSTOP' trace
	packer=$(pgrep -P "$job")
}

# Removes files, of which the last is the only name of its inode, and makes a file of that inode's number. False: it was not given again.
makes_again() {
	python3 -c 'import os, sys
made, *gone = sys.argv[1:]
number = os.stat(gone[0]).st_ino
for name in gone:
	os.unlink(name)
names = []
while len(names) < 1000:
	names.append("made.%d" % len(names))
	with open(names[-1], "x") as file:
		if os.fstat(file.fileno()).st_ino == number:
			os.rename(names.pop(), made)
			break
for name in names:
	os.unlink(name)
sys.exit(not os.path.exists(made))' "$@"
}

@test 'hard links: a pair that was removed, and another on its inode number, while a volume is packed' {
	sql 'set role nexus_user' 'create table photo (name text)'
	mkdir backups
	cd volumes/media
	echo first >a1
	ln a1 a2
	echo middle >m
	mkdir z
	cd ../..
	LEAKS=0 command_of "${settings[@]}" ENTRYPOINT_BACKUP_DIR="$PWD/backups" backup
	stopped_at m "${command[@]}"
	cd volumes/media
	makes_again z/1 a1 a2 || skip 'this file system gives no number again'
	echo other >z/1
	ln z/1 z/2
	cd ../..
	kill -CONT "$packer"
	end
	expect 0
	mkdir unpacked
	tar -C unpacked -xzf backups/media_backup_*.tar.gz 2>/dev/null # it does not know hdrcharset
	cd unpacked/media
	equal "$(cat a1 a2 m z/1 z/2 | xargs)" 'first first middle other other'
	[ z/1 -ef z/2 ] || fail 'a hard link is no more'
}

@test 'a file that is renamed while its volume is packed is in the archive under neither name, and that is said' {
	sql 'set role nexus_user' 'create table photo (name text)'
	mkdir -p backups volumes/media/a
	touch volumes/media/{m,new}
	LEAKS=0 command_of "${settings[@]}" ENTRYPOINT_BACKUP_DIR="$PWD/backups" backup
	stopped_at m "${command[@]}"
	mv volumes/media/new volumes/media/a/new
	kill -CONT "$packer"
	end
	expect 0 'volume media: 1 files or folders vanished before they were read, media/new is the first'
}

@test 'a volume that is restored while it is backed up: refused, since the dump may be of what was before' {
	backs_up
	rm -r volumes/static/*
	hold 'lock table photo'
	begin "${settings[@]}" backup
	eventually 10 running 'LOCK TABLE'
	(
		mkdir other
		cd other || exit
		pge "${settings[@]}" DATABASE_URL= restore --only volume:static "$BATS_FILE_TMPDIR/bundle/static_backup_20260101_000000.tar"
		expect 0
	)
	release
	end
	expect 65 'volume static: it was restored while it was packed' 'back up again'
	equal "$(ls -A backups)" '' 'left in the folder'
	pge "${settings[@]}" backup
	expect 0
}

@test 'a backup that is killed anywhere leaves no half one: what has the name of a dump has all its archives' {
	local kills=$((${KILLS-12} / 2)) kill since took ms dump
	backs_up
	since=$(now_ms)
	pge "${settings[@]}" backup
	expect 0
	took=$(($(now_ms) - since))
	for ((kill = 0; kill < kills; kill++)); do
		begin "${settings[@]}" backup
		ms=$((RANDOM % (took + 1)))
		sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
		kill -s KILL "$pid" 2>/dev/null || true
		end
		for dump in backups/*.gz; do
			gzip -t "$dump"
		done
		for dump in backups/*.sql.gz; do
			dump=${dump##*/}
			[ -e "backups/media_${dump%.sql.gz}.tar.gz" ] && [ -e "backups/static_${dump%.sql.gz}.tar.gz" ] ||
				fail "$dump is not all: $(ls backups)"
		done
		(cd backups && sha256sum --quiet -c -- *.sha256)
	done
	pge "${settings[@]}" backup
	expect 0
	equal "$(find backups -name '.*.part' | wc -l)" 0 'left behind'
}

@test 'archives beside the dump, of the same time; one that is not empty is left as it is' {
	cp -r "$BATS_FILE_TMPDIR/beside" .
	mv beside/static_backup_20260101_000000.tar beside/static_backup_20260102_000000.tar
	pge "${settings[@]}" restore --plan beside/db_backup_20260101_000000.sql
	expect 0 'volume static: no archive of it is in or beside'
	[[ $output == *'volume media: 304 files'* ]] || fail 'the plan does not tell'
	empty volumes/media
	[ ! -e volumes/media/.pg-entrypoint ] || fail 'a plan writes nothing'
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 0 'volume static: no archive of it is in or beside db_backup_20260101_000000.sql: it stays empty'
	same_media
	empty volumes/static
	database_new "t${BATS_TEST_NUMBER}_2"
	touch volumes/static/own
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 0 'volumes/media is not empty (' 'volumes/static is not empty (own): left as it is'
	same_media
	database_new "t${BATS_TEST_NUMBER}_3"
	cp "$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz" beside/media-20260101_000000.tgz
	rm -r volumes/media
	mkdir volumes/media
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 65 'nothing says which is meant'
	no_database
}

@test 'an archive beside the dump is proven as one that is named: by the checksum beside it, and against bombs' {
	local media=beside/media_backup_20260101_000000.tar
	mkdir beside attacks
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" beside
	tar -C "$BATS_FILE_TMPDIR" -cf "$media" media
	(cd beside && sha256sum media_backup_20260101_000000.tar >media_backup_20260101_000000.tar.sha256)
	printf X | dd of="$media" bs=1 seek="$(($(grep -abo 'media/1.jpg' "$media" | head -n 1 | cut -d: -f1) + 512))" conv=notrunc status=none
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 65 "volume media: $media: "
	no_database
	python3 "$BATS_TEST_DIRNAME/attack.py" attacks
	rm beside/media*
	mv attacks/bomb.tar.zst "$media.zst"
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 65 'a bomb: 1000 MB come out of '
	no_database
	empty volumes/media
}

@test 'a folder of its name with something beside it: all of the archive is restored, and that is said' {
	mkdir -p backup/media
	touch backup/media/1.jpg
	tar -cf media.tar backup
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media media.tar
	expect 0
	not_logged warning
	[ -e volumes/media/1.jpg ] || fail 'not what lies below the folder'
	rm -r volumes/media/*
	touch backup/MANIFEST
	tar -cf media.tar backup
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media media.tar
	expect 0 'warning: restore: volume media: media.tar has other things beside its folder backup/media: all of it is restored as it lies there'
	[ -e volumes/media/backup/media/1.jpg ] || fail 'not all of it'
}

@test 'a critical volume without an archive: nothing is restored' {
	mkdir beside
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" beside
	pge ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical" restore beside/db_backup_20260101_000000.sql
	expect 65 'volume media: no archive of it is in or beside db_backup_20260101_000000.sql' 'or --only db'
	no_database
	pge ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical" restore --only db beside/db_backup_20260101_000000.sql
	expect 0
	empty volumes/media
}

@test '--only: the database, one volume from a bundle or an archive of its own, and what it does not know' {
	local media=$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz full=$backups/full_backup_20260101_000000.tar.gz
	pge "${settings[@]}" restore --only db "$full"
	expect 0
	not_logged 'volume media'
	empty volumes/media
	pge "${settings[@]}" restore --only volume:media "$full"
	expect 0
	same_media
	empty volumes/static
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media "$full"
	expect 65 '--replace puts what the backup has' "volume media: $PWD/volumes/media is not empty: the first in it is "
	rm -r volumes/media/*
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media "$media"
	expect 0
	same_media
	rm -r volumes/media
	mkdir volumes/media
	cp "$media" some.tar.gz
	pge "${settings[@]}" DATABASE_URL= restore --only=volume:media some.tar.gz
	expect 65 'some.tar.gz: its name is that of no volume' 'NAME=some.tar.gz'
	pge "${settings[@]}" DATABASE_URL= restore --only=volume:media media=some.tar.gz
	expect 0
	same_media
	pge "${settings[@]}" DATABASE_URL= restore --only=volume:static "static=$media"
	expect 0 "volume static: $media has the name of another volume"
	rm -r volumes/static
	mkdir volumes/static
	pge "${settings[@]}" restore --only=volume:static media=some.tar.gz
	expect 65 'volume static: no archive of it'
	pge "${settings[@]}" restore --only=volume:other some.tar.gz
	expect 64 '--only: "volume:other" is no part of a backup' 'there are: db, volume:media, volume:static'
	pge "${settings[@]}" restore --only=volume:static "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql"
	expect 65 'volume static: no archive of it is in or beside db_backup_20260101_000000.sql'
	pge "${settings[@]}" DATABASE_URL= restore --only=volume:static "$BATS_FILE_TMPDIR/beside/db_backup_20260101_000000.sql"
	expect 0
	equal "$(cat volumes/static/site.css)" 'a {}'
}

@test 'folders without a member of their own are like the mount point, the top too; a zip is told to lack modes and links' {
	mkdir -p media/sub/deep
	echo a >media/a.txt
	echo b >media/sub/deep/b.txt
	(cd media && tar -czf ../media_backup_20260103_000000.tar.gz a.txt sub/deep/b.txt && python3 -m zipfile -c ../media.zip a.txt)
	chmod 751 volumes/media
	chown 4321:5432 volumes/media
	pge "${settings[@]}" restore --only volume:media media_backup_20260103_000000.tar.gz
	expect 0
	not_logged zip
	equal "$(stat -c '%a %u:%g' volumes/media volumes/media/sub volumes/media/sub/deep | sort -u)" '751 4321:5432'
	rm -r volumes/media
	mkdir -m 751 volumes/media
	pge "${settings[@]}" ENTRYPOINT_VOLUME_OWNER=7:8 restore --only volume:media media_backup_20260103_000000.tar.gz
	expect 0
	equal "$(stat -c '%a %u:%g' volumes/media/sub volumes/media/sub/deep | sort -u)" '751 7:8'
	rm -r volumes/media
	mkdir volumes/media
	pge "${settings[@]}" restore --only volume:media media=media.zip
	expect 0 'volume media: media.zip is a zip, of which neither modes nor links are read'
}

@test 'as a plain user: what the archive says nothing of is not counted as given up' {
	mkdir -p media/sub
	echo a >media/sub/a.txt
	chown -R 65534:65534 media
	tar -C media -czf media_backup_20260103_000000.tar.gz ./ # members of their own
	tar -C media -czf files.tar.gz sub/a.txt
	chmod 1777 volumes/media
	chmod a+rx "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" . || true
	chown 65534:65534 tmp
	for archive in media_backup_20260103_000000.tar.gz files.tar.gz; do
		command_of "${settings[@]}" restore --only volume:media media=-
		command[-1]=media=/dev/fd/8
		captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}" 8<"$archive"
		expect 0 'volume media: restored'
		not_logged 'belong to us'
		rm -r volumes/media
		mkdir -m 1777 volumes/media
	done
}

@test 'the folder itself: as in the archive, with its time, and its setgid bit for a plain user too, behind a database' {
	mkdir media
	chmod 2750 media
	chown 65534:65534 media
	touch -d '2020-02-03 02:02:02.5Z' media
	tar --format=posix -cf media_backup_20260103_000000.tar media
	chown 65534:65534 volumes/media tmp
	chmod a+rx "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" . || true
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" db_backup_20260103_000000.sql
	command_of "${settings[@]}" ENTRYPOINT_VOLUMES="media:$PWD/volumes/media" restore "$PWD/db_backup_20260103_000000.sql"
	captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}"
	expect 0 'volume media: restored'
	equal "$(stat -c '%a %.1Y' volumes/media)" "2750 $(date -d '2020-02-03 02:02:02.5Z' +%s.5)"
}

# As a plain user: what is to be restored has folders at its top that may not be written.
shut_folders() {
	mkdir -p media/shut/below media/open media/closed volumes/media
	touch media/shut/below/1
	chmod 555 media/shut media/shut/below
	chmod 2110 media/closed
	chown -R 65534:65534 media volumes/media tmp
	tar --format=posix -cf media_backup_20260103_000000.tar media
	chmod a+rx "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" . || true
	plainly=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	LEAKS=0 command_of ENTRYPOINT_VOLUMES="media:$PWD/volumes/media" TMPDIR="$PWD/tmp" DATABASE_URL= restore --only volume:media "$PWD/media_backup_20260103_000000.tar"
}

shut_as_before() {
	equal "$(cd volumes/media && stat -c '%n %a' shut shut/below shut/below/1 open closed)" "$(cd media && stat -c '%n %a' shut shut/below shut/below/1 open closed)"
	marked volumes/media restored
}

@test 'as a plain user: folders that may not be written come into their place with their mode, wherever it is killed' {
	local call at
	shut_folders
	captured "${plainly[@]}" "${command[@]}"
	expect 0 'volume media: restored'
	shut_as_before
	for call in renameat chmod,fchmodat,fchmod,syncfs; do
		for ((at = 1; at < 60; at++)); do
			rm -rf volumes/media
			mkdir volumes/media
			chown 65534:65534 volumes/media
			status=0
			strace -qq -o trace -e trace="$call" -e inject="$call:signal=KILL:when=$at" "${plainly[@]}" "${command[@]}" >out 2>err || status=$?
			((status)) || break
			captured "${plainly[@]}" "${command[@]}"
			# All had been done.
			((status == 0)) || expect 65 'is not empty'
			shut_as_before
		done
		((at > 3 && at < 60)) || fail "$call: killed $((at - 1)) times only"
	done
}

@test 'a list of folders that are to get a mode leads nowhere else' {
	shut_folders
	mkdir -p volumes/media/.pg-entrypoint/tree outside volumes/media/within
	touch volumes/media/.pg-entrypoint/{ready,tree/1} outside/file
	chmod 700 outside
	ln -s ../../outside volumes/media/link
	printf '777/../777/link/777/./4777/../777/within' >volumes/media/.pg-entrypoint/shut
	chown -R 65534:65534 volumes/media/.pg-entrypoint
	chmod 755 volumes
	captured "${command[@]}"
	expect 0 'a restore that was cut off is finished'
	equal "$(stat -c %a outside volumes volumes/media/within | xargs)" '700 755 777'
}

@test 'owners: mapped by volume_owner, and counted where they cannot be kept' {
	local media=$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz
	pge "${settings[@]}" ENTRYPOINT_VOLUME_OWNER=4321:5432 restore --only volume:media "$media"
	expect 0
	equal "$(find volumes/media -path '*/.pg-entrypoint' -prune -o -printf '%U:%G\n' | sort -u)" 4321:5432
	rm -r volumes/media
	mkdir volumes/media
	chown 65534:65534 volumes/media tmp
	chmod a+rx "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" . || true
	command_of "${settings[@]}" restore --only volume:media media=-
	command[-1]=media=/dev/fd/8
	captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}" 8<"$media"
	expect 0 ' of them belong to us (65534:65534) now'
	equal "$(find volumes/media -path '*/.pg-entrypoint' -prune -o -printf '%U:%G\n' | sort -u)" 65534:65534
	equal "$(stat -c %a volumes/media volumes/media/1.jpg | xargs)" '750 640'
}

@test 'attacks: each is refused, nothing outside is written, nothing inside is left' {
	local archive
	mkdir attacks outside
	echo kept >outside/kept
	python3 "$BATS_TEST_DIRNAME/attack.py" attacks
	for archive in attacks/*; do
		pge "${settings[@]}" DATABASE_URL= restore --only volume:media "media=$archive"
		# The libarchive of DEV=1, which is Debian's, tells the size of a hole before it gives it: no room.
		if [ -n "${SANITIZED-}" ] && [ "$archive" = attacks/hole.tar ]; then
			expect 73 'error: restore: '
		else
			expect 65 'error: restore: ' "$archive: "
		fi
		equal "$(ls -A volumes/media)" '' "left of $archive"
	done
	equal "$(find outside -mindepth 1 -printf '%P %n ') $(cat outside/kept)" 'kept 1  kept' 'outside'
	equal "$(find volumes -mindepth 1 | sort | xargs)" 'volumes/media volumes/static' 'volumes'
	for archive in bomb.tar.zst hole.tar; do
		[ "${SANITIZED-}$archive" != yeshole.tar ] || continue # likewise
		pge "${settings[@]}" restore --check "attacks/$archive"
		expect 65 'a bomb: 1000 MB come out of '
	done
	# In a bundle it spoils all of it.
	mkdir bundle
	cp attacks/link-then-write.tar bundle/media_backup_20260101_000000.tar
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" "$BATS_FILE_TMPDIR/bundle/static_backup_20260101_000000.tar" bundle
	tar -C bundle -cf full.tar .
	pge "${settings[@]}" restore full.tar
	expect 65 'volume media: ' 'lies behind a link'
	no_database
	empty volumes/media
	empty volumes/static
}

@test 'what an archive has of our own folder is left out, and nothing of it is believed' {
	mkdir -p media/.pg-entrypoint/tree media/lost+found
	touch media/.pg-entrypoint/ready media/.pg-entrypoint/tree/x media/1.jpg
	tar -cf media.tar media
	mkdir volumes/media/lost+found
	pge "${settings[@]}" restore --only volume:media media.tar
	expect 0
	marked volumes/media 'restored from media.tar'
	equal "$(find volumes/media -mindepth 1 -maxdepth 1 -name '[!.]*' -printf '%f\n' | sort | xargs)" '1.jpg lost+found'
}

# small OPTIONS: the restore of media into a file system of that size.
small() {
	command_of "${settings[@]}" DATABASE_URL= restore --only volume:media "$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz"
	captured unshare -m sh -c "mount -t tmpfs -o $1 none volumes/media && \"\$@\"; code=\$?
		ls -A volumes/media >left; exit \$code" sh "${command[@]}"
}

@test 'no room: compared first, in bytes and in files; 73, and nothing is half there' {
	small size=600k
	expect 73 "volume media: $PWD/volumes/media has room for 614 kB, and "
	equal "$(cat left)" ''
	small size=10m,nr_inodes=100
	expect 73 'files more, and 309 are needed'
	equal "$(cat left)" ''
	small size=10m
	expect 0
}

@test 'the disk is full all the same: 73, and nothing is half there' {
	command_of "${settings[@]}" DATABASE_URL= restore --only volume:media "$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz"
	# Somebody else fills it while we wait for the volume, when room was compared.
	captured unshare -m sh -c "mount -t tmpfs -o size=3m none volumes/media
		mkdir volumes/media/.pg-entrypoint; exec 9<volumes/media/.pg-entrypoint; flock 9
		(until grep -q 'another run is restoring it' err; do sleep 0.02; done
			head -c 2600000 /dev/zero >volumes/media/.pg-entrypoint/other; flock -u 9) &
		\"\$@\" 9<&-; code=\$?; wait \$!
		rm -f volumes/media/.pg-entrypoint/other; find volumes/media -mindepth 1 >left; exit \$code" sh "${command[@]}"
	expect 73 'No space left on device'
	equal "$(grep -cv '/.pg-entrypoint$' left)" 0 "left: $(cat left)"
}

@test 'a start: database and volumes, then the application; later starts leave them alone' {
	local from=(ENTRYPOINT_RESTORE_FROM="$backups")
	boots "${settings[@]}" "${from[@]}"
	logged 'volume media: restored'
	same_media
	rm volumes/media/1.jpg
	boots "${settings[@]}" "${from[@]}"
	not_logged 'volume media'
	[ ! -e volumes/media/1.jpg ] || fail 'it was restored again'
	# One that is lost.
	rm -r volumes/media
	mkdir volumes/media
	boots "${settings[@]}" "${from[@]}" # it is not critical
	rm -r volumes/media
	mkdir volumes/media
	boot "${settings[@]}" "${from[@]}" ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	expect 65 'is empty and was never seen before, beside a database that is not empty: 1 table' public.photo \
		"restore --only volume:media $backups/full_backup_20260101_000000.tar.gz fills it"
	equal "$output" ''
	pge "${settings[@]}" restore --only volume:media "$backups/full_backup_20260101_000000.tar.gz"
	expect 0
	boots "${settings[@]}" "${from[@]}" ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	same_media
}

# A run that waits for the lock of its volume for so long has its sessions idle.
keeps_waiting() {
	mkdir volumes/media/.pg-entrypoint
	flock volumes/media/.pg-entrypoint sleep 3 3>&- &
}

@test 'sessions that stand idle outlive idle_session_timeout: while a dump is proven, files are unpacked, another loads' {
	since 14 || skip 'before server 14'
	put slow.sql -- '-- PostgreSQL database dump' -- 'SELECT pg_sleep(3);' '-- PostgreSQL database dump complete' --
	sql "alter database $database set idle_session_timeout = '1s'"
	pge "${settings[@]}" restore - < <(cat "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" && sleep 3)
	expect 0
	sql 'drop schema entrypoint cascade' 'drop table photo'
	keeps_waiting
	pge "${settings[@]}" restore "$BATS_FILE_TMPDIR/beside/db_backup_20260101_000000.sql"
	expect 0 'another run is restoring it: waiting'
	# While the login of restore_as loads, that of the boot is idle; with --replace, that of the old database.
	database_new "t${BATS_TEST_NUMBER}_2"
	rm -r volumes/media
	mkdir volumes/media
	sql "alter database $database set idle_session_timeout = '1s'"
	keeps_waiting
	url="postgresql://postgres@/$database?host=$server&port=$port"
	cp "$BATS_FILE_TMPDIR/beside"/* .
	cp slow.sql db_backup_20260101_000000.sql
	pge "${settings[@]}" ENTRYPOINT_RESTORE_AS=postgresql://nexus_user@/ restore db_backup_20260101_000000.sql
	expect 0 'another run is restoring it: waiting' 'loaded as nexus_user'
	pge restore --replace --confirm="REPLACE $database" slow.sql
	expect 0 'is replaced'
}

@test 'a critical volume of a new database is empty, and may stay so' {
	put migrations/0001_t.sql 'create table t (i int);'
	boots ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	boots ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	rm -r volumes/media
	mkdir volumes/media
	boot ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	expect 65 'was never seen before'
	pge ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical" plan
	expect 65 'was never seen before'
	[ -z "$(ls -A volumes/media)" ] || fail 'plan has written'
	# What is left of a restore that was cut off is none of its files.
	mkdir -p volumes/media/.pg-entrypoint/tree
	pge ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical" plan
	expect 65 'was never seen before'
	rm -r volumes/media/.pg-entrypoint
	boots ENTRYPOINT_VOLUMES="media:$PWD/volumes/media"
	boots ENTRYPOINT_VOLUMES="media:$PWD/volumes/media:critical"
	boot ENTRYPOINT_VOLUMES="media:$PWD/absent"
	expect 78 "volume media: $PWD/absent: No such file or directory" 'mount it there'
}

@test 'killed anywhere: the next start ends with the right files, and the application saw nothing else' {
	local from=(ENTRYPOINT_RESTORE_FROM="$backups") kill kills=$((${KILLS-12} / 2)) took since ms
	since=$(now_ms)
	boots "${settings[@]}" "${from[@]}"
	took=$(($(now_ms) - since))
	for ((kill = 0; kill < kills; kill++)); do
		database_new
		rm -r volumes
		mkdir -p volumes/media volumes/static
		begin "${settings[@]}" "${from[@]}" -- sh -c 'ls volumes/media | wc -l'
		ms=$((RANDOM % (took + 1)))
		sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
		kill -s KILL "$pid" 2>/dev/null || true
		end
		[[ $output == '' || $output == 4 ]] || fail "the application saw $output entries"
		boots "${settings[@]}" "${from[@]}"
		same_media
		marked volumes/media restored
		equal "$(sql 'select * from photo')" 1.jpg
		equal "$(ls volumes/static)" site.css
	done
}

# What a restore leaves that is ended while the database loads: all files are ready, and wait for it.
cut_off() {
	hold 'lock table pg_attribute in share mode'
	begin "${settings[@]}" restore "$backups/full_backup_20260101_000000.tar.gz"
	eventually 5 test -e volumes/static/.pg-entrypoint/ready
	stops TERM 143
	release
	[ -e volumes/media/.pg-entrypoint/ready ] || fail 'it was not kept'
}

@test 'cut off before the database was there: its files come beside no other one' {
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" db_backup_20260202_000000.sql
	cut_off
	pge "${settings[@]}" restore db_backup_20260202_000000.sql
	expect 0 'volume media: no archive of it'
	boots "${settings[@]}"
	logged 'volume media: the database was not made from full_backup_20260101_000000.tar.gz, whose files are removed'
	empty volumes/media
	empty volumes/static
	database_new
	cut_off
	put migrations/0001_t.sql 'create table t (i int);'
	boots "${settings[@]}"
	logged 'volume media: the database was not made from'
	empty volumes/media
	rm -r migrations
	database_new
	cut_off
	pge "${settings[@]}" restore --only db "$backups/full_backup_20260101_000000.tar.gz"
	expect 0
	boots "${settings[@]}"
	logged 'volume media: a restore that was cut off is finished'
	same_media
}

@test 'cut off before the database was there, and a file came into the volume: none of its files come beside another database' {
	cp "$BATS_FILE_TMPDIR/db_backup_20260101_000000.sql" db_backup_20260202_000000.sql
	cut_off
	pge "${settings[@]}" restore --only db db_backup_20260202_000000.sql
	expect 0
	touch volumes/media/own
	boots "${settings[@]}"
	logged 'volume media: the database was not made from full_backup_20260101_000000.tar.gz, whose files are removed'
	equal "$(find volumes/media -path '*/.pg-entrypoint' -prune -o -printf '%P ' | xargs)" own
}

@test 'an archive of the same second, of an environment with a longer name, is no part of the backup' {
	cp -r "$BATS_FILE_TMPDIR/beside" .
	mv beside/db_backup_20260101_000000.sql beside/backup_prod_20260101_000000.sql
	mv beside/media_backup_20260101_000000.tar.gz beside/media_backup_prod_20260101_000000.tar.gz
	echo other >file
	tar -czf beside/media_backup_pre-prod_20260101_000000.tar.gz file
	pge "${settings[@]}" restore beside/backup_prod_20260101_000000.sql
	expect 0
	same_media
}

@test 'an encrypted copy of an archive beside it is none more' {
	cp -r "$BATS_FILE_TMPDIR/beside" .
	cp beside/media_backup_20260101_000000.tar.gz beside/media_backup_20260101_000000.tar.gz.gpg
	pge "${settings[@]}" restore beside/db_backup_20260101_000000.sql
	expect 0
	same_media
}

# refuses_set TEXT...: by --check, and by a restore, which leaves nothing.
refuses_set() {
	pge DATABASE_URL= restore --check "$dump"
	expect 65 "$@"
	pge "${settings[@]}" restore "$dump"
	expect 65 "$@"
	no_database
	empty volumes/media
	empty volumes/static
}

@test 'a backup is whole with all that belongs to it: its archives are there, and as its manifest has them' {
	local dump archive
	backs_up
	pge "${settings[@]}" backup
	expect 0
	dump=$output
	archive=${dump%/*}/media_$(basename "$dump" .sql.gz).tar.gz
	database_new "t${BATS_TEST_NUMBER}_2"
	rm -r volumes
	mkdir -p volumes/media volumes/static
	pge DATABASE_URL= restore --check "$dump"
	expect 0
	[[ $output == *"
with it: $archive, whole
with it: ${archive/media_/static_}, whole
only files were proven"* ]] || fail "$output"
	cp "$archive" "$archive.sha256" .
	# Exchanged for one that is whole too, and has a checksum of its own.
	tar -czf "$archive" volumes
	(cd "${archive%/*}" && sha256sum "${archive##*/}" >"${archive##*/}.sha256")
	refuses_set "$archive: damaged: $dump.manifest says "
	rm "$archive"
	refuses_set "$dump: not whole: $archive is missing, which ${dump##*/}.manifest names" 'only db'
	pge DATABASE_URL= restore --check --only db "$dump"
	expect 0
	[[ $output != *'with it'* ]] || fail 'more than the dump'
	cp "${archive##*/}"* "${archive%/*}"
	pge restore "$dump"
	expect 0 "$archive belongs to this backup, and \`volumes\` names no folder for it: it is not restored" \
		"${archive/media_/static_} belongs to this backup"
	empty volumes/media
	# Two of one time: the one that the manifest names is meant; by a link to the dump too.
	gunzip -c "$archive" >"${archive%.gz}"
	ln -s "${dump##*/}" "${dump%/*}/latest.sql.gz"
	pge DATABASE_URL= "${settings[@]}" restore --check "${dump%/*}/latest.sql.gz"
	expect 0
	[[ $output == *"
with it: $archive, whole"* ]] || fail "$output"
	sed -i "s/^SHA256 (${archive##*/}) = ....../SHA256 (${archive##*/}) = /" "$dump.manifest"
	pge DATABASE_URL= restore --check "$dump"
	expect 65 "$dump.manifest:" 'no checksum of an archive'
	database_new "t${BATS_TEST_NUMBER}_3"
	pge "${settings[@]}" restore --plan --only=db "$dump"
	expect 0
}

@test 'archives of the same time, without a manifest: whole where a volume is set; else told, as they may be of others' {
	cp -r "$BATS_FILE_TMPDIR/beside" .
	cd beside || return
	ln -s gone latest.sql
	ln -s gone media_backup_20260101_000000.tar
	mkdir static_20260101_000000.bak
	pge DATABASE_URL= restore --check db_backup_20260101_000000.sql
	expect 0
	[[ $output == *'
with it: media_backup_20260101_000000.tar.gz, whole
with it: static_backup_20260101_000000.tar, whole'* ]] || fail "$output"
	truncate -s -20 media_backup_20260101_000000.tar.gz
	pge DATABASE_URL= restore --check db_backup_20260101_000000.sql
	expect 0
	[[ $output == *'beside it, of the same time, but perhaps not its own: media_backup_20260101_000000.tar.gz: '* ]] || fail "$output"
	pge DATABASE_URL= "${settings[@]}" restore --check db_backup_20260101_000000.sql
	expect 65 'volume media: media_backup_20260101_000000.tar.gz'
	# As a restore would refuse them, too.
	ln -s ../../x link
	tar -czf media_backup_20260101_000000.tar.gz link
	pge DATABASE_URL= "${settings[@]}" restore --check db_backup_20260101_000000.sql
	expect 65 'the link link leads to'
	# The dump is a link by its own name into a store, where names say nothing.
	mkdir store
	mv db_backup_20260101_000000.sql store/3f9c
	ln -s store/3f9c db_backup_20260101_000000.sql
	# Or by its name in another folder to where its archives are.
	mkdir ../weekly
	ln -s ../beside/db_backup_20260101_000000.sql ../weekly
	pge DATABASE_URL= "${settings[@]}" restore --check ../weekly/db_backup_20260101_000000.sql
	expect 0
	cp static_backup_20260101_000000.tar static_20260101_000000.tar
	rm media_backup_20260101_000000.tar.gz
	pge DATABASE_URL= "${settings[@]}" restore --check db_backup_20260101_000000.sql
	expect 66 'media_backup_20260101_000000.tar: No such file or directory'
	# Also where there is a manifest, which does not name it.
	echo 'BACKUP_TYPE=full' >db_backup_20260101_000000.sql.manifest
	pge DATABASE_URL= "${settings[@]}" restore --check db_backup_20260101_000000.sql
	expect 66 'media_backup_20260101_000000.tar: No such file or directory'
	rm db_backup_20260101_000000.sql.manifest
	rm media_backup_20260101_000000.tar
	pge DATABASE_URL= "${settings[@]}" restore --check db_backup_20260101_000000.sql
	expect 65 'volume static: ' 'nothing says which is meant'
}

@test 'a path of more bytes than a system call takes is backed up and restored' {
	local step i dump
	step=$(printf 'd%.0s' {1..200})
	sql 'set role nexus_user' 'create table photo (name text)'
	mkdir backups
	(
		cd volumes/media
		for ((i = 0; i < 25; i++)); do
			mkdir "$step"
			cd -P "./$step"
		done
		echo deep >file
		ln file same
	)
	pge "${settings[@]}" ENTRYPOINT_BACKUP_DIR="$PWD/backups" backup --only db,volume:media
	expect 0
	dump=$output
	rm -r volumes/media
	mkdir volumes/media
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media "${dump%/*}/media_$(basename "$dump" .sql.gz).tar.gz"
	expect 0
	(
		cd volumes/media
		for ((i = 0; i < 25; i++)); do
			cd -P "./$step"
		done
		equal "$(cat same)" deep
	)
}

@test 'what a killed run has left: begun is started over, ready is finished' {
	local name each
	# Begun, not ready.
	mkdir -p begun/.pg-entrypoint/tree/many
	touch begun/.pg-entrypoint/tree/many/1
	pge DATABASE_URL= ENTRYPOINT_VOLUMES="media:$PWD/begun" restore --only volume:media "$backups/full_backup_20260101_000000.tar.gz"
	expect 0
	same_media begun
	# Ready, and nothing in its place yet; then half of it.
	for name in ready half again; do
		mkdir -p "$name/.pg-entrypoint"
		cp -a "$BATS_FILE_TMPDIR/media" "$name/.pg-entrypoint/tree"
		: >"$name/.pg-entrypoint/ready"
		for each in chown chmod touch; do
			"$each" --reference="$name/.pg-entrypoint/tree" "$name/.pg-entrypoint/ready"
		done
		chmod 700 "$name/.pg-entrypoint/tree"
		touch "$name/.pg-entrypoint/tree"
	done
	mv half/.pg-entrypoint/tree/many half
	mv again/.pg-entrypoint/tree/many again
	pge ENTRYPOINT_VOLUMES="media:$PWD/ready static:$PWD/half" plan
	expect 2
	equal "$output" 'pending      the end of a restore into volumes: media, static'
	pge ENTRYPOINT_VOLUMES="media:$PWD/ready static:$PWD/half" plan --json
	expect 2
	[[ $output == *'"volumes_cut_off":"media, static",'* ]] || fail "$output"
	pge ENTRYPOINT_VOLUMES="media:$PWD/ready static:$PWD/half" status
	[[ $output == *'volumes_cut_off'*'media, static'* ]] || fail "$output"
	pge ENTRYPOINT_VOLUMES="media:$PWD/absent" status
	expect 0
	put migrations/0001_t.sql 'create table t (i int);'
	boots ENTRYPOINT_VOLUMES="media:$PWD/ready static:$PWD/half"
	logged 'volume media: a restore that was cut off is finished' 'volume static: a restore that was cut off is finished'
	same_media ready
	same_media half
	marked half restored
	pge DATABASE_URL= ENTRYPOINT_VOLUMES="media:$PWD/again" restore --only volume:media "$backups/full_backup_20260101_000000.tar.gz"
	expect 0 'a restore that was cut off is finished'
	same_media again
}

@test 'a name for the old files that leads out of our folder is refused, and nothing there is touched' {
	local ours=volumes/media/.pg-entrypoint name
	mkdir -p "$ours/tree" outside
	touch "$ours/tree/new" volumes/media/old outside/mine
	chown 1234 volumes/media
	: >"$ours/ready"
	for name in ../../../outside .. . before_x/../../../../outside ''; do
		printf %s "$name" >"$ours/replace"
		pge "${settings[@]}" DATABASE_URL= restore --only volume:media --replace --confirm='REPLACE media' \
			"$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz"
		expect 65 'media/.pg-entrypoint/replace is not ours'
		equal "$(ls -A outside volumes/media)" $'outside:\nmine\n\nvolumes/media:\n.pg-entrypoint\nold' "$name"
		equal "$(stat -c %u outside)" 0
	done
}

@test 'a run that waits for one which is killed while it places the files deletes none of them' {
	local media=$BATS_FILE_TMPDIR/bundle/media_backup_20260101_000000.tar.gz ours=volumes/media/.pg-entrypoint
	mkdir "$ours"
	exec 9<"$ours"
	flock 9
	{ begin "${settings[@]}" DATABASE_URL= restore --only volume:media "$media"; } 9<&-
	eventually 5 log_has 'another run is restoring it: waiting'
	cp -a "$BATS_FILE_TMPDIR/media" "$ours/tree"
	: >"$ours/ready"
	mv "$ours/tree/many" volumes/media
	exec 9<&-
	end
	expect 65 'volumes/media is not empty any more: many'
	pge "${settings[@]}" DATABASE_URL= restore --only volume:media "$media"
	expect 0 'a restore that was cut off is finished'
	[ -e volumes/media/1.jpg ] || fail 'it is gone'
}
