# Backups: one before migrations, one when asked for. Whole or not there at all.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# A database that holds something, one migration applied, and the settings of most tests.
something_to_lose() {
	mkdir -p backups
	put migrations/0001_t.sql 'create table t (i int, note text);' "insert into t select i, repeat('x', 100) from generate_series(1, 1000) i;"
	boots
	export_settings=(ENTRYPOINT_BACKUP_DIR="$PWD/backups" ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes)
}

# The one backup that there is, in $file; nothing else lies in the folder.
only_backup() {
	local files=(backups/*)
	equal "${#files[@]}" 3 'files in backups'
	file=${files[0]}
	equal "${files[*]:1}" "$file.manifest $file.sha256"
	equal "$(find backups -name '.*' -type f | wc -l)" 0 'hidden files'
}

no_backup() {
	equal "$(find backups -mindepth 1 | wc -l)" 0 'files in backups'
}

# refuses_to_start CODE TEXT...: and the pending migration was not applied.
stopped_before_anything() {
	expect "$@"
	equal "$output" ''
	no_backup
	equal "$(sql "select to_regclass('u') is null")" t 'nothing was applied'
}

@test 'before the first pending migration: whole, verified, readable by its owner alone, and it restores' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);' "delete from t where i > 500;"
	put migrations/0003_v.sql 'create table v (i int);'
	boots "${export_settings[@]}"
	only_backup
	[[ $file =~ ^backups/pre_migration_[0-9]{8}_[0-9]{6}\.sql\.gz$ ]] || fail "its name is $file"
	logged "migrate: $PWD/$file written"
	equal "$(stat -c %a "$file" "$file.sha256" | xargs)" '600 600'
	(cd backups && sha256sum --quiet -c -- *.sha256)
	gzip -t "$file"
	sql -d postgres 'drop database if exists other with (force)' 'create database other'
	zcat "$file" | "$pg/psql" -XAtq -h "$server" -p "$port" -U postgres -d other >out 2>&1
	equal "$(sql -d other 'select count(*) from t')" 1000
	equal "$(sql -d other "select string_agg(version, ' ') from entrypoint.migration")" 0001 'our schema is in it'
	equal "$(sql -d other "select to_regclass('u') is null")" t
	boots "${export_settings[@]}"
	only_backup
}

@test 'an empty database is not backed up, and that is said' {
	mkdir backups
	put migrations/0001_t.sql 'create table t (i int);'
	boots ENTRYPOINT_BACKUP_DIR="$PWD/backups" ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes
	logged 'the database is empty'
	no_backup
}

@test 'a failed migration names the backup and the exact way back' {
	something_to_lose
	put migrations/0002_u.sql 'select wrong;'
	boot "${export_settings[@]}"
	expect 65 0002_u.sql:1:8
	only_backup
	logged "the database as it was before: $PWD/$file" \
		": pg-entrypoint restore $PWD/$file"
	rm backups/*
	boot
	expect 65
	not_logged 'pg-entrypoint restore'
}

@test 'the way back works as it is printed, and has no password' {
	something_to_lose
	put migrations/0002_u.sql '-- pg-entrypoint: no-transaction' 'drop table t;' 'select wrong;'
	boot "${export_settings[@]}" DATABASE_URL="$tcp_url"
	expect 65 0002_u.sql:3:8 "rename database $database, make an empty one of that name, and with these settings: "
	not_logged secret
	sql -d postgres "alter database $database rename to old" "create database $database owner nexus_user"
	put back "${stderr##*with these settings: }"
	mkdir bin
	ln -s "$binary" bin/pg-entrypoint
	command_of "${export_settings[@]}" DATABASE_URL="$tcp_url" PATH="$PWD/bin:$PATH"
	captured "${environment[@]}" bash -euo pipefail back
	expect 0
	sql -d postgres 'drop database old with (force)'
	equal "$(sql 'select count(*) from t')" 1000
	equal "$(sql "select string_agg(version, ' ') from entrypoint.migration where version not like '@%'")" 0001
	put migrations/0002_u.sql 'create table u (i int);'
	boots
}

@test 'down backs up first, and says how to go back when it fails, or where there is no down file' {
	something_to_lose
	put migrations/0001_t.down.sql 'select wrong;'
	pge "${export_settings[@]}" ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 65 0001_t.down.sql:1:8
	only_backup
	logged "the database as it was before: $PWD/$file" \
		": pg-entrypoint restore $PWD/$file"
	rm backups/*
	# Where others migrate (expect_schema) a person may undo all the same.
	pge "${export_settings[@]}" ENTRYPOINT_BACKUP_DIR= ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_EXPECT_SCHEMA=yes migrate down
	expect 78 'backup_before_migrate is set, backup_dir is not'
	pge "${export_settings[@]}" ENTRYPOINT_ENVIRONMENT=dev ENTRYPOINT_EXPECT_SCHEMA=yes migrate down
	expect 65
	only_backup
	rm migrations/0001_t.down.sql
	pge "${export_settings[@]}" ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 66 'has no down file' "the newest backup before a migration: $PWD/$file" \
		": pg-entrypoint restore $PWD/$file"
	only_backup
	put migrations/0001_t.down.sql 'drop table t;'
	rm backups/*
	pge "${export_settings[@]}" ENTRYPOINT_ENVIRONMENT=dev migrate redo
	expect 0
	only_backup
	zcat "$file" | grep -q 'COPY public.t '
}

@test 'down through a pooler: refused in words' {
	own_pooler=yes
	something_to_lose
	put migrations/0001_t.down.sql 'drop table t;'
	pgbouncer_start
	pge "${export_settings[@]}" ENTRYPOINT_ENVIRONMENT=dev DATABASE_URL="postgresql://nexus_user@/$database?host=$pooler&port=$port" migrate down
	stopped_before_anything 78 pooler admin_url
}

@test 'no folder, one that is missing, no folder at all, one that cannot be written to: told before anything is asked' {
	something_to_lose
	log_mark
	boot ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes
	expect 78 'backup_before_migrate is set, backup_dir is not'
	boot "${export_settings[@]}" ENTRYPOINT_BACKUP_DIR="$PWD/nowhere"
	expect 78 "$PWD/nowhere" 'No such file'
	put plain text
	boot "${export_settings[@]}" ENTRYPOINT_BACKUP_DIR="$PWD/plain"
	expect 78 'is no folder'
	equal "$(log_since | grep -c entrypoint.migration || true)" 0 'looks at the database'
	server_folder
	mkdir -m 755 "$REPLY/closed"
	command_of "${export_settings[@]}" ENTRYPOINT_BACKUP_DIR="$REPLY/closed" -- echo APP
	chmod 755 .
	captured setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}"
	rmdir "$REPLY/closed" "$REPLY"
	expect 73 'closed: Permission denied' 'mode 0755, owner 0:0, we are 65534:65534'
}

@test 'no space left: 73, nothing applied, nothing left behind' {
	something_to_lose
	sql "insert into t select i, md5(i::text) || md5((i * 7)::text) from generate_series(1, 20000) i"
	put migrations/0002_u.sql 'create table u (i int);'
	command_of "${export_settings[@]}" -- echo APP
	captured unshare -m sh -c 'mount -t tmpfs -o size=256k none backups && "$@"; code=$?
		find backups -mindepth 1; exit $code' sh "${command[@]}"
	stopped_before_anything 73 'No space left on device'
}

@test 'pg_dump refuses: 65 with its own words, nothing applied' {
	something_to_lose
	sql 'create table secret (i int)' 'revoke all on secret from public'
	put migrations/0002_u.sql 'create table u (i int);'
	boot "${export_settings[@]}"
	stopped_before_anything 65 'pg_dump: error' 'permission denied for table secret' \
		'nexus_user may not read 1 of the tables: grant ' ' to nexus_user;'
	not_logged 'exit code'
}

@test 'a pg_dump that is killed: nothing is taken for whole' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	kill -KILL "$(pg_dump_of "$pid")"
	end
	release
	stopped_before_anything 65 'pg_dump: killed by signal 9'
}

# The child that dumps.
pg_dump_of() {
	local child children
	read -ra children <"/proc/$1/task/$1/children" || true # it has no newline
	for child in "${children[@]}"; do
		[[ $(tr '\0' ' ' <"/proc/$child/cmdline") != pg_dump* ]] || echo "$child"
	done
}

@test 'a table that stays locked: 75 within its limit, nothing applied' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	boot "${export_settings[@]}" ENTRYPOINT_LOCK_TIMEOUT=200ms ENTRYPOINT_LOCK_RETRY_FOR=500ms
	release
	stopped_before_anything 75 'LOCK TABLE' lock_retry_for
}

@test 'TERM cancels it at once, on the server too, and leaves nothing' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	equal "$(find backups -name '.pre_migration_*.part' | wc -l)" 1 'written under a hidden name'
	stops TERM 143
	eventually 2 not_running 'LOCK TABLE'
	release
	stopped_before_anything 143
}

@test 'the boot lock is lost meanwhile: 69, nothing applied' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database' and application_name = 'pg-entrypoint: migrate'"
	end
	release
	stopped_before_anything 69 lock
}

@test 'killed at once: the next start sweeps away what it left, but not what another writes' {
	local busy=backups/.backup_prod_20240101_000000.sql.gz.part
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	kill -KILL "$pid"
	end
	eventually 3 not_running 'LOCK TABLE' # the server has noticed
	release
	equal "$(find backups -name '.pre_migration_*.part' | wc -l)" 1 'left behind'
	exec 8>"$busy"
	flock 8
	put backups/.my_backup_of_today.part theirs
	put backups/.backup_notes.txt.part theirs
	boots "${export_settings[@]}"
	exec 8>&-
	rm "$busy"
	equal "$(cat backups/.my_backup_of_today.part backups/.backup_notes.txt.part | xargs)" 'theirs theirs' 'of somebody else'
	rm backups/.my_backup_of_today.part backups/.backup_notes.txt.part
	logged 'which a run that was killed has left'
	only_backup
}

@test 'two backups at once into one folder: the one that begins does not sweep away what the other is about to name' {
	something_to_lose
	LEAKS=0 command_of "${export_settings[@]}" backup
	strace -qq -e trace=renameat -e inject=renameat:delay_enter=3000000:when=1 -o trace "${command[@]}" >first 2>&1 3>&- &
	first=$!
	eventually 10 one_hash
	pge "${export_settings[@]}" backup
	expect 0
	wait "$first" || fail "$(<first)"
	equal "$(find backups -type f | wc -l)" 6 'files'
	(cd backups && sha256sum --quiet -c -- *.sha256)
}

one_hash() {
	[ "$(find backups -name '.*.sha256.part' -size +0 | wc -l)" = 1 ]
}

@test 'the lock is held meanwhile: another container waits, and finds nothing to do' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	command_of "${export_settings[@]}"
	"${command[@]}" >second 2>&1 3>&- &
	second=$!
	eventually 5 grep -q 'another container has it' second
	release
	end
	expect 0
	wait "$second"
	only_backup
	equal "$(grep -c written second)" 0 'backups by the second'
}

@test 'a password goes to pg_dump by its environment, never by its arguments' {
	something_to_lose
	url=$tcp_url
	put migrations/0002_u.sql 'create table u (i int);'
	hold 'lock table t'
	begin "${export_settings[@]}" -- echo APP
	eventually 10 running 'LOCK TABLE'
	tr '\0' ' ' <"/proc/$(pg_dump_of "$pid")/cmdline" >arguments
	release
	end
	expect 0
	only_backup
	[[ $(<arguments) == 'pg_dump --'* && $(<arguments) != *secret* ]] || fail "$(<arguments)"
}

@test 'through a pooler it is refused in words; with admin_url past it, it works' {
	own_pooler=yes
	something_to_lose
	pgbouncer_start
	put migrations/0002_u.sql 'create table u (i int);'
	local pooled="postgresql://nexus_user@/$database?host=$pooler&port=$port"
	boot "${export_settings[@]}" DATABASE_URL="$pooled"
	stopped_before_anything 78 pooler admin_url
	boots "${export_settings[@]}" DATABASE_URL="$pooled" ENTRYPOINT_ADMIN_URL="$url"
	only_backup
}

@test 'a server newer than our pg_dump: refused with its words, nothing applied' {
	something_to_lose
	put migrations/0002_u.sql 'create table u (i int);'
	local newer
	newer=$(free_port)
	python3 "$root/tests/e2e/fake.py" newer "$newer" 60 "$port" 3>&- &
	faker=$!
	eventually 5 listens "$newer"
	boot "${export_settings[@]}" DATABASE_URL="postgresql://nexus_user:secret@127.0.0.1:$newer/$database"
	kill "$faker"
	stopped_before_anything 65 'server version mismatch' 'server version: 99.1'
}

listens() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

@test 'backup: into backup_dir by environment, into a file, a folder, to standard output' {
	something_to_lose
	pge ENTRYPOINT_BACKUP_DIR=backups ENTRYPOINT_ENVIRONMENT=sit backup
	expect 0
	only_backup
	equal "$output" "$file"
	[[ $file =~ ^backups/backup_staging_[0-9]{8}_[0-9]{6}\.sql\.gz$ ]] || fail "its name is $file"
	pge backup mine.sql.gz
	expect 0
	equal "$output" ./mine.sql.gz
	sha256sum --quiet -c mine.sql.gz.sha256
	sql 'delete from t'
	pge backup ./mine.sql.gz # replaces it
	expect 0
	sha256sum --quiet -c mine.sql.gz.sha256
	equal "$(zcat mine.sql.gz | grep -c xxxxxxxx || true)" 0 'rows'
	mkdir folder
	pge backup folder
	expect 0
	[[ $output == folder/backup_prod_*.sql.gz && -e $output ]] || fail "printed $output"
	command_of backup -
	"${command[@]}" 2>err | gunzip | tail -n 20 | grep -q 'PostgreSQL database dump complete'
	command_of backup -
	"${command[@]}" 2>err | :
	equal "${PIPESTATUS[*]}" '73 0'
}

@test 'where PATH has no pg_dump, as in an image, nothing is said of it' {
	runs_itself
	something_to_lose
	env -i "$pg/pg_dump" -Fc -h "$server" -p "$port" -U postgres "$database" >custom
	pge PATH=/none backup plain.sql.gz
	expect 0 'written'
	[[ $stderr != *'to execute'* ]] || fail 'the backup says so'
	pge PATH=/none restore --check custom
	expect 0
	[[ $stderr != *'to execute'* ]] || fail 'the restore says so'
}

@test 'the manifest: rows and checksums; a restore that loads others fails, and leaves nothing' {
	local file
	something_to_lose
	sql 'set role nexus_user' 'create table empty ()' 'create table "a b" as select 1 as i' $'create table "two\nlines" as select 1 as i'
	pge backup mine.sql.gz
	expect 0
	! grep -q two mine.sql.gz.manifest || fail 'half a name'
	grep -qx 'rows 1000 public.t' mine.sql.gz.manifest
	grep -qx 'rows 1 public."a b"' mine.sql.gz.manifest
	grep -qx "SHA256 (mine.sql.gz) = $(cut -d' ' -f1 mine.sql.gz.sha256)" mine.sql.gz.manifest
	grep -qx 'BACKUP_TYPE=database' mine.sql.gz.manifest
	# Of so many tables it is several transactions.
	sql 'set role nexus_user' "do \$\$ begin for i in 1..510 loop execute format('create table many_%s as select 1 as i', i); end loop; end \$\$"
	pge backup many.sql.gz
	expect 0
	database_new "t${BATS_TEST_NUMBER}_right"
	pge restore mine.sql.gz
	expect 0
	equal "$(sql 'select count(*) from t')" 1000
	for file in mine many; do
		sed -i 's/^rows 1000 public.t$/rows 1001 public.t/' "$file.sql.gz.manifest"
		database_new "t${BATS_TEST_NUMBER}_${file}_2"
		pge restore "$file.sql.gz"
		expect 65 "public.t: 1000 rows were loaded, and $file.sql.gz.manifest says 1001" 'nothing was restored'
		equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" 0 'relations'
	done
	# Without a .sha256 its own sum counts.
	cp mine.sql.gz other.sql.gz
	sed "s/(mine.sql.gz) = .*/(other.sql.gz) = $(printf '0%.0s' {1..64})/" mine.sql.gz.manifest >other.sql.gz.manifest
	pge restore --check other.sql.gz
	expect 65 'other.sql.gz: damaged: other.sql.gz.manifest says 000'
}

@test 'backup: in the encoding of the database, whatever PGCLIENTENCODING, the URL or the role says' {
	local from=$url
	sql 'create table t (note text)' "insert into t values ('ü 中')" 'grant select on t to nexus_user'
	pge PGCLIENTENCODING=GBK backup environment.sql.gz
	expect 0
	url="$from&client_encoding=GBK" pge backup url.sql.gz
	expect 0
	sql -d postgres "alter role nexus_user in database $database set client_encoding = 'GBK'"
	pge backup role.sql.gz
	expect 0
	for file in *.sql.gz; do
		database_new "t${BATS_TEST_NUMBER}_2"
		pge restore "$file"
		expect 0
		equal "$(sql 'table t')" 'ü 中' "$file"
	done
}

@test 'backup: a database that holds a part of something is refused, before the dump and behind it' {
	something_to_lose
	sql 'set role nexus_user' 'create table oldest (i int)' \
		"do \$\$ begin for i in 1..1100 loop execute format('create table t%s (i int)', i); end loop; end \$\$"
	hold 'lock table oldest in access share mode'
	begin ENTRYPOINT_LOCK_TIMEOUT=60s reset --confirm="RESET $database"
	eventually 20 log_has 'waiting for a lock'
	kill -KILL "$pid"
	end || true
	release
	eventually 10 no_advisory_lock
	for place in mine.sql.gz -; do
		pge backup "$place"
		expect 65 'a reset of this database was cut off, or is under way: what it holds is a part' '`pg-entrypoint reset` again ends it'
	done
	[ ! -e mine.sql.gz ] || fail 'it has its name'
	database_new "t${BATS_TEST_NUMBER}_2"
	boots
	hold 'lock table t'
	begin backup mine.sql.gz
	eventually 10 running 'LOCK TABLE'
	sql "insert into entrypoint.migration (version, name, checksum, started_at, finished_at, statements, tool_version, role)
		values ('@partial', 'restore', '', now(), now(), 0, '1', 'r')"
	release
	end
	expect 65 'a restore of this database was cut off'
	[ ! -e mine.sql.gz ] || fail 'it has its name'
}

@test 'foreign_schemas: a backup comes back where they have stayed as they are, and where there are none' {
	local foreign=(ENTRYPOINT_FOREIGN_SCHEMAS=jobs) jobs
	sql 'set role nexus_user' 'create schema jobs' 'create table jobs.job (id serial primary key, note text)' \
		"insert into jobs.job (note) values ('one'), ('two')" "comment on table jobs.job is 'x'" 'grant select on jobs.job to public' \
		'create index on jobs.job (note)' 'create materialized view jobs.seen as table jobs.job' \
		'create function jobs.f() returns trigger language plpgsql as $$ begin return new; end $$' \
		'create trigger f before insert on jobs.job for each row execute function jobs.f()' \
		"comment on schema jobs is 'x'" 'grant usage on schema jobs to public' \
		'alter default privileges in schema jobs grant select on tables to public' \
		'create table mine (id int references jobs.job)' 'insert into mine values (2)' \
		'create publication p for table mine, jobs.job' 'create trigger f before insert on mine for each row execute function jobs.f()'
	pge "${foreign[@]}" backup mine.sql.gz
	expect 0
	pge "${foreign[@]}" reset --confirm="RESET $database"
	expect 0
	sql "insert into jobs.job (note) values ('three')"
	for jobs in 1 3; do
		pge "${foreign[@]}" restore --plan mine.sql.gz
		expect 0
		[[ $output == *'foreign_schemas'*'the schema is there, and stays as it is'* ]] || fail 'the plan does not say it'
		pge "${foreign[@]}" ENTRYPOINT_RESTORE_JOBS="$jobs" restore mine.sql.gz
		expect 0
		equal "$(sql 'select id from mine' 'select count(*), max(note) from jobs.job' "select nextval('jobs.job_id_seq') > 3" \
			"select count(*) from pg_publication_tables" "select count(*) from pg_trigger where tgname = 'f'" | xargs)" '2 3|two t 2 2'
		pge "${foreign[@]}" reset --confirm="RESET $database"
		expect 0
		sql 'drop publication if exists p'
	done
	database_new "t${BATS_TEST_NUMBER}_2"
	pge "${foreign[@]}" restore mine.sql.gz
	expect 0
	equal "$(sql 'select id from mine' 'select count(*) from jobs.job' | xargs)" '2 2'
	url="postgresql://postgres@/$database?host=$server&port=$port" pge "${foreign[@]}" restore --replace --confirm="REPLACE $database" mine.sql.gz
	expect 0
	equal "$(sql 'select id from mine' 'select count(*) from jobs.job' | xargs)" '2 2' 'replaced'
}

@test 'backup: over a file of that name: what belonged to the old one goes, and nothing else' {
	local ending
	something_to_lose
	put mine.sql.gz old
	for ending in md5 sha256 manifest json manifest.json; do
		put "mine.sql.gz.$ending" '{"environment": "dev"}'
	done
	put mine.sql.gz.meta ENVIRONMENT=dev
	md5sum mine.sql.gz >mine.sql.gz.md5
	touch mine.sql.gz.txt
	pge backup mine.sql.gz
	expect 0
	equal "$(printf '%s ' mine.*)" 'mine.sql.gz mine.sql.gz.manifest mine.sql.gz.sha256 mine.sql.gz.txt '
	pge restore --check mine.sql.gz
	expect 0
}

@test 'backup: two at once into one file: the second is told that another writes it' {
	something_to_lose
	hold 'lock table t'
	begin backup mine.sql.gz
	eventually 10 running 'LOCK TABLE'
	command_of backup mine.sql.gz
	status=0
	"${command[@]}" >second 2>&1 || status=$?
	release
	equal "$status" 75 "$(<second)"
	grep -q './mine.sql.gz: another run is writing it' second || fail "$(<second)"
	end
	expect 0
	sha256sum --quiet -c mine.sql.gz.sha256
}

@test 'backup: a companion of which the disk takes a part is no system error without a name' {
	something_to_lose
	LEAKS=0 command_of backup mine.sql.gz
	# The sum is the last that is written to a file; it comes in two parts.
	captured strace -qq -o trace -P "$PWD/.mine.sql.gz.sha256.part" -e trace=write -e inject=write:retval=1:when=1 "${command[@]}"
	expect 0
}

@test 'backup: what makes no sense is refused' {
	pge backup
	expect 64 'nothing says where'
	pge backup mine.sql
	expect 64 'mine.sql is no folder, and no name for a backup'
	pge backup nowhere/mine.sql.gz
	expect 78 nowhere
	pge backup nowhere/
	expect 78 'nowhere/: No such file or directory'
	pge ENTRYPOINT_ENVIRONMENT=prd backup mine.sql.gz
	expect 65 'warning: backup: environment: prd is neither dev, test, staging nor prod' 'the database is empty'
	pge backup one.gz two.gz
	expect 64 two.gz
	pge backup mine.sql.gz
	expect 65 'the database is empty'
	[ ! -e mine.sql.gz ]
}
