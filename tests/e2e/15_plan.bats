# plan, status and migrate status: what would be done, without doing it.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

tables() {
	put migrations/0001_t.sql 'create table t (name text);'
	put migrations/R__v.sql 'create or replace view v as select name from t;'
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = name' '[a]' '[b]'
}

json() {
	python3 -m json.tool <<<"$output" >/dev/null || fail 'no JSON'
}

# quiet [ARG...]: the command writes nothing to the database.
quiet() {
	local before
	before=$(next_xid)
	pge "$@"
	equal "$(next_xid)" "$before" 'next transaction id'
}

@test 'plan: 2 when something is pending, 0 when not' {
	tables
	quiet plan
	equal "$status" 2
	[[ $output == *0001_t.sql* && $output == *R__v.sql* && $output == *10_t.ini* ]] || fail 'not all named'
	grep -q '^pending  *R__v.sql' <<<"$output" || fail 'a new repeatable has not changed'
	boots
	quiet plan
	equal "$status" 0
	put migrations/R__v.sql 'create or replace view v as select name || 1 from t;'
	pge migrate status
	grep -q '^changed  *R__v.sql' <<<"$output" || fail 'not as changed'
}

@test 'plan: 2 when a seed row is missing' {
	tables
	boots
	sql "delete from t where name = 'a'"
	quiet plan
	equal "$status" 2
	[[ $output == *10_t.ini* && $output != *0001_t.sql* ]] || fail 'wrong'
}

@test 'plan: 75 after lock_timeout where somebody holds a seeded table, and no word of missing rows' {
	local schema
	tables
	boots
	hold 'lock table t'
	for schema in '' public; do
		pge DATABASE_URL="$url${schema:+&schema=$schema}" --lock-timeout=1s plan
		expect 75 '10_t.ini: canceling statement due to lock timeout'
		equal "$output" ''
	done
	release
}

@test 'plan: 3 when an applied file was edited' {
	tables
	boots
	put migrations/0001_t.sql 'create table t (name text, more text);'
	quiet plan
	equal "$status" 3
	[[ $output$stderr == *0001_t.sql* ]] || fail 'not named'
	# With what a boot only warns of, it starts.
	quiet ENTRYPOINT_ON_EDITED=warn plan
	expect 0
	[[ $output == 'edited '* ]] || fail 'not told'
}

@test 'plan: without any file it says so; where a ledger is there, that the default folder is not' {
	quiet plan
	expect 0 'no migrations, seeds or checks were found'
	tables
	boots
	rm -r migrations seeds
	boots
	logged '2 applied migrations are not in migrations_dir' 'its default is not there'
}

@test 'plan: rows of a table or a column that there is not, where nothing else is pending: 65 as a boot' {
	tables
	boots
	put seeds/common/20_u.ini '[@table]' 'name = u' 'key = name' '[a]'
	pge plan
	expect 65 'seeds/common/20_u.ini:2: table u does not exist'
	put seeds/common/20_u.ini '[@table]' 'name = t' 'key = name' '[c]' 'more = 1'
	pge plan
	expect 65 'seeds/common/20_u.ini:5: table t has no column more'
	put migrations/0002_u.sql 'alter table t add more text;'
	pge plan
	equal "$status" 2
	# Of a file whose rows are there nothing more is asked.
	boots
	put migrations/0003_u.sql 'alter table t drop more;'
	put seeds/common/30_t.ini '[@table]' 'name = t' 'key = name' '[d]'
	boots
	put seeds/common/30_t.ini '[@table]' 'name = t' 'key = name' '[e]'
	pge plan
	equal "$status" 2
	boots
}

@test 'plan --json' {
	tables
	quiet plan --json
	equal "$status" 2
	json
	boots
	quiet plan --json
	equal "$status" 0
	json
}

@test 'migrate status, text and JSON' {
	tables
	quiet migrate status
	[[ $output == *0001_t.sql* || $output == *0001* ]] || fail 'not named'
	quiet migrate status --json
	json
	boots
	quiet migrate status
	equal "$status" 0
	quiet migrate status --json
	equal "$status" 0
	json
}

@test 'status, text and JSON' {
	tables
	quiet status
	quiet status --json
	json
	boots
	quiet status
	equal "$status" 0
	quiet status --json
	json
}

@test 'status tells the environment, and what a boot might stop at' {
	tables
	boots
	pge status
	[[ $output == *'environment  prod'$'\n'* && $output == *'edited       0'$'\n'*'half_applied 0'$'\n'*'half_undone  0'$'\n'*'newer        0'$'\n'*'missing      0'* ]] ||
		fail "$output"
	put migrations/0001_t.sql 'select 1;'
	put migrations/0002_u.sql '-- pg-entrypoint: no-transaction' 'create table u (i int);' 'select wrong;'
	boot ENTRYPOINT_ON_EDITED=ignore
	expect 65 0002_u.sql:3
	pge status --environment=sit
	expect 0
	[[ $output == *'environment  staging'$'\n'* && $output == *'edited       1: 0001_t.sql'$'\n'*'half_applied 1: 0002_u.sql'$'\n'* ]] ||
		fail "$output"
	mv migrations/0002_u.sql .
	sql "insert into entrypoint.migration select '0000', '0000_gone.sql', '', now(), now(), null, 0, '0', null, null, 'r'"
	pge status
	[[ $output == *'half_applied 1: 0002_u (there is no such file)'$'\n'*'missing      1'* ]] || fail "$output"
	pge status --json
	json
	[[ $output == *'"environment":"prod"'*'"edited":1,"half_applied":1,"half_undone":0,"newer":0,"missing":1'* ]] || fail "$output"
}

@test 'a half undone file that is gone is said to be that, and the newest version is the newest that is whole' {
	put migrations/0001_a.sql 'create table a ();'
	put migrations/0002_b.sql 'create table b ();'
	put migrations/0002_b.down.sql '-- pg-entrypoint: no-transaction' 'drop table b;' 'select wrong;'
	boots
	pge ENTRYPOINT_ENVIRONMENT=dev migrate down
	expect 65
	rm migrations/0002_b*
	pge status
	[[ $output == *'half_applied 0'$'\n'*'half_undone  1: 0002_b (there is no such file)'$'\n'*'newest       0001'$'\n'* ]] ||
		fail "$output"
	pge migrate status
	[[ $output == *'half undone  0002_b '*'no such file'* ]] || fail 'not as it is'
}

@test 'names with odd characters stay valid JSON' {
	put 'migrations/0001_a"b\c.sql' 'select 1;'
	pge plan --json
	json
	boots
	pge migrate status --json
	json
}

@test 'migrate and migrate up apply migrations and nothing else' {
	tables
	pge migrate
	expect 0
	equal "$(sql 'select count(*) from t')" 0
	put migrations/0002_u.sql 'create table u (i int);'
	pge migrate up
	expect 0
	equal "$(sql "select to_regclass('u')")" u
}

@test 'plan on a standby or with a role that may only read' {
	tables
	boots
	pge PGOPTIONS='-c default_transaction_read_only=on' plan
	equal "$status" 0
	put migrations/0002_u.sql 'create table u (i int);'
	pge PGOPTIONS='-c default_transaction_read_only=on' plan
	equal "$status" 2
}

@test 'plan fails where a boot would: a row of a check, an empty database that must not be, no initdb.d' {
	tables
	pge ENTRYPOINT_ON_EMPTY=fail plan
	expect 65 'on_empty = fail'
	boots
	put checks/c.sql "select name from t where name = 'a';"
	quiet plan
	expect 65 'error: plan: ' checks/c.sql:1:1 name=a
	equal "$output" ''
	quiet plan --json
	expect 65 checks/c.sql:1:1
	json
	# What is pending may be what makes it pass, and drift is told first.
	put migrations/0002_gone.sql 'delete from t;'
	pge plan
	equal "$status" 2
	rm migrations/0002_gone.sql
	put migrations/0001_t.sql 'create table t (name text, more text);'
	pge plan
	equal "$status" 3
	tables
	sql "update t set name = 'c' where name = 'a'" "insert into t values ('d')"
	pge ENTRYPOINT_SKIP=seed plan
	expect 0
	equal "$output" 'nothing to do'
	rm checks/c.sql
	boots
	pge ENTRYPOINT_INITDB_DIR="$PWD/nowhere" plan
	expect 66 "$PWD/nowhere"
	put initdb.d/10_bad.sql "select 'open"
	pge plan
	expect 65 10_bad.sql
	sql 'drop table t cascade'
	pge plan
	expect 65 'the ledger says that migrations were applied'
}

@test 'plan finds what boot would refuse' {
	tables
	put migrations/0002_bad.sql 'select 1;' 'commit;'
	pge plan
	expect 65 0002_bad.sql:2
}

@test 'an option of another verb is 64, and nothing is applied' {
	local words list
	tables
	for words in 'migrate --check' 'migrate up --check' 'migrate up --json' 'migrate up --server-version=15' \
		'migrate verify --confirm x' 'migrate down --json'; do
		read -ra list <<<"$words"
		pge "${list[@]}"
		expect 64 'takes no --' 'is for: '
	done
	pge migrate --dry-run
	expect 64 '`plan` says what would be done'
	equal "$(sql "select to_regclass('t') is null")" t
}
