# Another migrator under our lock: migrate_command, and migrate_command_check, with the real Alembic.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# A project of Alembic in ./app, whose env.py reads DATABASE_URL as most do. `revision ID AFTER STATEMENT...` adds to it.
alembic_new() {
	mkdir -p app/versions
	put app/alembic.ini '[alembic]' "script_location = $PWD/app"
	put app/env.py 'import os' 'from alembic import context' 'from sqlalchemy import create_engine' \
		'with create_engine(os.environ["DATABASE_URL"]).connect() as connection:' \
		'    context.configure(connection=connection)' \
		'    with context.begin_transaction():' \
		'        context.run_migrations()'
	put app/script.py.mako ''
	alembic="alembic -c app/alembic.ini upgrade head"
	settings=(ENTRYPOINT_MIGRATE_COMMAND="$alembic"
		ENTRYPOINT_MIGRATE_COMMAND_CHECK="select 1 from alembic_version where version_num = 'b2'")
}

revision() {
	local after=None
	[ -z "$2" ] || after="'$2'"
	put "app/versions/$1.py" 'from alembic import op' "revision = '$1'" "down_revision = $after" \
		'def upgrade():' "${@:3}" 'def downgrade():' '    pass'
}

two_revisions() {
	alembic_new
	revision a1 '' '    print("OUT OF ALEMBIC")' '    op.execute("create table a (i int)")'
	revision b2 a1 '    op.execute("create table b (i int)")'
}

# A command that is a line of shell; what it does goes through psql.
by_shell() {
	settings=(ENTRYPOINT_MIGRATE_COMMAND="sh -c '$1'" "${@:2}")
}

@test 'alembic upgrade head, once: the check finds nothing to do at the next start, without lock or write' {
	local xid
	two_revisions
	boots "${settings[@]}"
	logged 'running alembic' 'alembic ended well' 'OUT OF ALEMBIC'
	equal "$(sql 'select version_num from alembic_version')" b2
	xid=$(next_xid)
	log_mark
	boots "${settings[@]}"
	not_logged alembic
	equal "$(next_xid)" "$xid" 'nothing was written'
	equal "$(log_since | grep -c advisory || true)" 0 'locks taken'
	pge "${settings[@]}" plan
	expect 0
}

@test 'two containers at once: one runs it, the other waits and finds nothing to do' {
	two_revisions
	revision b2 a1 '    import time' '    time.sleep(1)' '    op.execute("create table b (i int)")'
	command_of "${settings[@]}" -- echo APP
	"${command[@]}" >out 2>err 3>&- &
	local first=$!
	"${command[@]}" >out2 2>err2 3>&- &
	wait "$first"
	wait $!
	equal "$(cat out out2)" $'APP\nAPP'
	equal "$(cat err err2 | grep -c 'ended well')" 1 'runs'
	equal "$(grep -l 'another container has it' err err2 | wc -l)" 1 'one waits, however often it says so'
}

@test 'a revision that fails: 65 with its output, its name and its code; mended, it goes on' {
	two_revisions
	revision b2 a1 '    op.execute("select wrong")'
	boot "${settings[@]}"
	expect 65 'column "wrong" does not exist' 'alembic: ended with exit code 1'
	equal "$output" ''
	revision b2 a1 '    op.execute("create table b (i int)")'
	boots "${settings[@]}"
	equal "$(sql "select to_regclass('b')")" b
}

@test 'TERM in the middle ends it too' {
	two_revisions
	revision b2 a1 '    op.execute("select pg_sleep(60)")'
	begin "${settings[@]}" -- echo APP
	eventually 20 running pg_sleep
	stops TERM 143
	equal "$output" ''
	eventually 3 not_running pg_sleep # the server has noticed
	equal "$(sql "select to_regclass('a') is null")" t 'rolled back'
}

gone() {
	[ ! -e "/proc/$1" ]
}

@test 'a kill -9 in the middle ends it too: the next start would run it beside' {
	by_shell 'echo $$ >begun; while :; do sleep 0.1; done'
	command_of "${settings[@]}"
	"${command[@]}" >out 2>err 3>&- &
	eventually 10 test -s begun
	kill -KILL $!
	wait $! || true
	eventually 2 gone "$(<begun)"
}

@test 'the lock is lost in the middle: 69' {
	by_shell "touch begun; sleep 60; touch ended"
	begin "${settings[@]}" -- echo APP
	eventually 10 test -e begun
	sql -d postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database' and application_name = 'pg-entrypoint: migrate'"
	end
	expect 69 lock
	[ ! -e ended ]
}

@test 'it gets admin_url as DATABASE_URL, as it was written, and libpq variables that reach the same' {
	settings=("ENTRYPOINT_MIGRATE_COMMAND=sh $PWD/command.sh")
	put command.sh 'echo "$DATABASE_URL $PGUSER $PGDATABASE $PGHOST $PGPORT" >seen' "'$pg/psql' -XAtqc 'select 7' >answer" 'cat >input'
	sql -d postgres 'drop role if exists app' 'create role app login'
	local admin="postgresql+psycopg2://nexus_user:secret@127.0.0.1:$port/$database"
	boots "${settings[@]}" ENTRYPOINT_ADMIN_URL="$admin" DATABASE_URL="postgresql://app@/$database?host=$server&port=$port" <<<'not for it'
	equal "$(<seen)" "$admin nexus_user $database 127.0.0.1 $port"
	equal "$(<answer)" 7
	[ ! -s input ]
	url=
	boots "${settings[@]}" POSTGRES_HOST="$server" POSTGRES_PORT="$port" POSTGRES_DB="$database" POSTGRES_USER=nexus_user 'POSTGRES_PASSWORD=a b/c@d'
	equal "$(<seen)" "postgresql://nexus_user:a%20b%2Fc%40d@/$database?host=${server//\//%2F}&port=$port nexus_user $database $server $port"
}

@test 'without a check it runs at every start; a check that is a command says by its exit code' {
	by_shell 'echo ran >>runs'
	boots "${settings[@]}"
	boots "${settings[@]}"
	equal "$(wc -l <runs)" 2 'runs without a check'
	pge "${settings[@]}" plan
	expect 2
	[[ $output == *'pending      sh'* ]] || fail 'not in the plan'
	boots "${settings[@]}" ENTRYPOINT_MIGRATE_COMMAND_CHECK='test -s runs'
	equal "$(wc -l <runs)" 2 'the check found nothing to do'
	rm runs
	boots "${settings[@]}" ENTRYPOINT_MIGRATE_COMMAND_CHECK='test -s runs'
	equal "$(wc -l <runs)" 1 'the check found something to do'
}

@test 'it ended well, but the check says that something is left: 65' {
	by_shell true ENTRYPOINT_MIGRATE_COMMAND_CHECK="select count(*) from pg_class where relname = 'made'"
	boot "${settings[@]}"
	expect 65 'ended well, but migrate_command_check says'
	equal "$output" ''
	settings[1]='ENTRYPOINT_MIGRATE_COMMAND_CHECK=test -e nowhere'
	boot "${settings[@]}"
	expect 65 'ended well, but migrate_command_check says'
	settings[1]='ENTRYPOINT_MIGRATE_COMMAND_CHECK=select wrong'
	boot "${settings[@]}"
	expect 65 'migrate_command_check: ' 'column "wrong" does not exist'
	settings[1]='ENTRYPOINT_MIGRATE_COMMAND_CHECK=select from where'
	boot "${settings[@]}"
	expect 65 'migrate_command_check: ' 'syntax error'
	settings[1]='ENTRYPOINT_MIGRATE_COMMAND_CHECK=sh -c nowhere'
	boot "${settings[@]}"
	expect 65 'migrate_command_check: ' 'exit code 127'
}

@test 'a check may only read' {
	by_shell true ENTRYPOINT_MIGRATE_COMMAND_CHECK='with made as (insert into entrypoint.seed select) select true'
	boots ENTRYPOINT_MIGRATE_COMMAND=true
	boot "${settings[@]}"
	expect 65 'read-only transaction'
}

@test 'versioned files before it, repeatables behind it' {
	put migrations/0001_a.sql 'create table a (i int);'
	put migrations/R__view.sql 'create view w as select * from b;'
	settings=(ENTRYPOINT_MIGRATE_COMMAND="'$pg/psql' -XAtqc 'create table b as select * from a'")
	boots "${settings[@]}"
	equal "$(sql "select to_regclass('w')")" w
}

# Hooks, a file and a command that each say so in the table ran.
hooks() {
	sql 'create table ran (n serial, name text)' 'alter table ran owner to nexus_user'
	put migrations/before.sql "insert into ran (name) values ('before');"
	put migrations/0001_a.sql "insert into ran (name) values ('a');"
	put migrations/after.sql "insert into ran (name) values ('after');"
	settings=(ENTRYPOINT_MIGRATE_COMMAND="'$pg/psql' -XAtqc \"insert into ran (name) values ('command')\"")
}

# What ran since the last time.
ran() {
	sql "with gone as (delete from ran returning *) select string_agg(name, ' ' order by n) from gone"
}

@test 'before.sql in front of all, after.sql behind it, also without repeatables' {
	hooks
	put migrations/0002_b.sql "insert into ran (name) values ('b');"
	boots "${settings[@]}"
	equal "$(ran)" 'before a b command after'
	equal "$(sql "select count(*) from entrypoint.migration where version like '@%'")" 0
	put migrations/0003_i.sql 'create index concurrently ran_name on ran (name);'
	put migrations/R__r.sql "insert into ran (name) values ('r');"
	boots "${settings[@]}"
	equal "$(ran)" 'before command r after'
	put migrations/0004_j.sql 'drop index concurrently ran_name;'
	boots "${settings[@]}"
	equal "$(ran)" 'before command after'
	# By itself it is no file for the hooks to stand around.
	boots "${settings[@]}"
	equal "$(ran)" command
}

@test 'after.sql is not left out where it fails in between, or the start is killed behind it' {
	hooks
	boot ENTRYPOINT_MIGRATE_COMMAND=false
	expect 65 'false: ended with exit code 1'
	equal "$(ran)" 'before a'
	boots ENTRYPOINT_SKIP=migrate
	boots "${settings[@]}"
	equal "$(ran)" 'command after' 'before.sql is for files'
	put migrations/0002_b.sql "insert into ran (name) values ('b');"
	put migrations/after.sql 'select pg_sleep(60);'
	settings+=(ENTRYPOINT_MIGRATE_COMMAND_CHECK="select count(*) from ran where name = 'command'")
	begin "${settings[@]}"
	eventually 10 running pg_sleep
	kill -KILL "$pid"
	end
	put migrations/after.sql "insert into ran (name) values ('after');"
	# Files alone would have nothing to do, and the command has not.
	pge "${settings[@]}" plan
	expect 2
	equal "$output" 'pending      after.sql'
	boots "${settings[@]}"
	not_logged 'running'
	equal "$(ran)" 'before b command after' 'before.sql is for files'
	boots "${settings[@]}" ENTRYPOINT_MIGRATE_COMMAND_CHECK='select 1'
	equal "$(ran)" ''
}

@test 'up VERSION and redo are about files: it is not run' {
	put migrations/0001_a.sql 'create table a (i int);'
	put migrations/0001_a.down.sql 'drop table a;'
	by_shell 'echo ran >>runs'
	pge "${settings[@]}" migrate up 0001
	expect 0
	pge "${settings[@]}" ENTRYPOINT_ENVIRONMENT=dev migrate redo
	expect 0
	[ ! -e runs ]
	pge "${settings[@]}" migrate up
	expect 0
	equal "$(wc -l <runs)" 1
}

@test 'it backs up first, and a failure names the backup' {
	sql 'create table t (i int)' 'alter table t owner to nexus_user'
	mkdir backups
	by_shell 'exit 3' ENTRYPOINT_BACKUP_DIR="$PWD/backups" ENTRYPOINT_BACKUP_BEFORE_MIGRATE=yes
	boot "${settings[@]}"
	expect 65 'sh: ended with exit code 3' 'pg-entrypoint restore '
	gzip -t backups/*.gz
}

@test 'with expect_schema another container runs it; this one waits for what the check says' {
	settings=(ENTRYPOINT_MIGRATE_COMMAND="'$pg/psql' -XAtqc 'create table made ()'"
		ENTRYPOINT_MIGRATE_COMMAND_CHECK="select to_regclass('made')")
	boot "${settings[@]}" ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=700ms
	expect 75 'migrate_command'
	boot "${settings[@]}" ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_MIGRATE_COMMAND_CHECK=
	expect 78 'nothing tells whether another container has run migrate_command' 'set migrate_command_check'
	pge "${settings[@]}" ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_MIGRATE_COMMAND_CHECK= plan
	expect 78 'set migrate_command_check'
	begin "${settings[@]}" ENTRYPOINT_EXPECT_SCHEMA=yes -- echo APP
	eventually 5 log_has 'waiting until another container'
	mkdir other
	command_of "${settings[@]}"
	"${command[@]}" >other/out 2>other/err
	end
	expect 0
	started
}

@test 'with expect_schema a program that checks looks in the schema of the URL too' {
	sql 'create schema other authorization nexus_user'
	url="postgresql://nexus_user:secret@127.0.0.1:$port/$database?schema=other"
	settings=(ENTRYPOINT_MIGRATE_COMMAND="'$pg/psql' -XAtqc 'create table made ()'"
		ENTRYPOINT_MIGRATE_COMMAND_CHECK="'$pg/psql' -XAtqc 'table made'")
	boots "${settings[@]}"
	equal "$(sql "select to_regclass('other.made')")" other.made
	boots "${settings[@]}" ENTRYPOINT_EXPECT_SCHEMA=yes ENTRYPOINT_WAIT_TIMEOUT=2s
}

@test 'what the command is given may hold a secret, and is not shown' {
	local settings=(ENTRYPOINT_MIGRATE_COMMAND="sh -c 'exit 3' -password=geheim postgresql+x://u:geheim@h/d")
	boot "${settings[@]}"
	expect 65 'sh: ended with exit code 3'
	not_logged geheim
	pge "${settings[@]}" plan
	expect 2
	[[ $output == *'pending      sh'* && $output != *geheim* ]] || fail 'shown'
	boot "${settings[@]/exit 3/exit 0}" ENTRYPOINT_MIGRATE_COMMAND_CHECK="sh -c 'exit 127' geheim"
	not_logged geheim
	boot "${settings[@]/exit 3/exit 0}" ENTRYPOINT_MIGRATE_COMMAND_CHECK="sh -c 'exit 1' geheim"
	expect 65 'sh ended well, but migrate_command_check says'
	not_logged geheim
}

@test 'what cannot be run, and what needs a shell, is told before anything else' {
	boot ENTRYPOINT_MIGRATE_COMMAND='nowhere up' DATABASE_URL=postgresql://127.0.0.1:1/x
	expect 78 'migrate_command: nowhere is not in PATH'
	boot ENTRYPOINT_MIGRATE_COMMAND=true ENTRYPOINT_MIGRATE_COMMAND_CHECK='nowhere up' DATABASE_URL=postgresql://127.0.0.1:1/x
	expect 78 'migrate_command_check: nowhere is not in PATH'
	pge ENTRYPOINT_MIGRATE_COMMAND=true ENTRYPOINT_MIGRATE_COMMAND_CHECK='nowhere up' plan
	expect 78 'migrate_command_check: nowhere'
	boot ENTRYPOINT_MIGRATE_COMMAND='true && true'
	expect 78 'ENTRYPOINT_MIGRATE_COMMAND: the command has a &, which only a shell would understand' "sh -c '...'"
	boot ENTRYPOINT_MIGRATE_COMMAND=true ENTRYPOINT_MIGRATE_COMMAND_CHECK='select 1; drop table t'
	expect 78 'not one whole statement'
	boot ENTRYPOINT_MIGRATE_COMMAND=true ENTRYPOINT_MIGRATE_COMMAND_CHECK="select 'open"
	expect 78 'not one whole statement'
	boot ENTRYPOINT_MIGRATE_COMMAND_CHECK='true'
	expect 78 'migrate_command is not'
}
