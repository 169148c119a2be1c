# Checks: a returned row stops the boot.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

tables() {
	put migrations/0001_t.sql 'create table t (i int);' 'insert into t values (1);'
}

@test 'no row: the application starts' {
	tables
	put checks/10_t.sql 'select i from t where i < 0;'
	boots
	boots
}

@test 'a row: 65 with the file and the row, also on the second start' {
	tables
	put checks/10_t.sql "-- nothing may be one" "select i as number, 'is one' as why from t where i = 1;"
	boot
	expect 65 10_t.sql number 'is one'
	equal "$output" ''
	boot
	expect 65 10_t.sql
	equal "$output" ''
	sql 'update t set i = 2'
	boots
}

@test 'check by itself says that all hold; one that does not, how many rows' {
	tables
	put checks/10_t.sql 'select i from t where i < 0;'
	put checks/20_t.sql 'select i from t where i < 0;'
	boots
	pge check
	expect 0 'check: 2 files of checks: no row was returned'
	put checks/10_t.sql 'select i from t;'
	pge check
	expect 65 10_t.sql 'a check returns 1 row, and must return none'
	rm checks/*
	pge check
	expect 0 'check: there are no checks'
}

@test 'several statements in a file, several files' {
	tables
	put checks/10_t.sql 'select 1 where false;' 'select i from t where i = 1;'
	boot
	expect 65 10_t.sql:2
	put checks/10_t.sql 'select 1 where false;' 'select 2 where false;'
	put checks/20_t.sql 'select i from t;'
	boot
	expect 65 20_t.sql
}

@test 'a check cannot write' {
	tables
	put checks/10_t.sql 'insert into t values (2) returning i;'
	boot
	expect 65 10_t.sql
	equal "$(sql 'select count(*) from t')" 1
	put checks/10_t.sql 'set transaction read write;' 'insert into t values (2);'
	boot
	[ "$status" -ne 0 ] || fail 'worked'
	equal "$(sql 'select count(*) from t')" 1
}

@test 'a check that copies is refused by its line, by each who would ask it' {
	local asking
	tables
	put checks/10_t.sql 'select 1 where false;' '-- not read by anyone' 'Copy (select 1 where false) to stdout;'
	for asking in check boot plan; do
		pge "$asking"
		expect 65 '10_t.sql:3:1: a check is a query, it cannot copy rows'
	done
}

@test 'an error in a check has its place in the file' {
	tables
	put checks/10_t.sql '' 'select wrong from t;'
	boot
	expect 65 10_t.sql:2:8 42703
	equal "$output" ''
}

@test 'a check that is no SQL hides nothing else: its place is told, and what is applied stays applied' {
	tables
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = i' '[2]'
	boots
	put checks/10_t.sql 'select 1 where false;' 'select from from t;'
	boot
	expect 65 10_t.sql:2:13 42601
	not_logged applied
	equal "$(sql 'select count(*), max(i) from t')" '2|2'
}

@test 'a check may end in a comment and hold $1 in one; nothing but comments checks nothing, and is refused' {
	tables
	put checks/10_t.sql 'select i from t where i < 0 -- no semicolon, and $1'
	put checks/30_t.sql 'select i from t where i = 2 -- the end'
	boots
	boots
	put checks/20_t.sql '-- not yet' '/* select i from t; */ ;'
	boot
	expect 65 'checks/20_t.sql has no statement, so it checks nothing'
	rm checks/20_t.sql
	sql 'update t set i = 2'
	boot
	expect 65 30_t.sql:1
}

@test 'secrets and endless rows: only the first rows are shown' {
	tables
	put checks/10_t.sql 'select generate_series(1, 100000);'
	boot
	expect 65 10_t.sql
	(($(wc -l <<<"$stderr") < 100)) || fail 'too many lines'
}

@test 'the command check does its step alone' {
	tables
	boots
	put checks/10_t.sql 'select i from t;'
	pge check
	expect 65 10_t.sql
}

@test 'checks of the sample pass on the sample, and find what they are for' {
	local sample
	[ -d "$root/docker/checks" ] || skip 'the sample has no checks'
	sample=("ENTRYPOINT_INITDB_DIR=$root/initdb.d" "ENTRYPOINT_MIGRATIONS_DIR=$root/migrations"
		"ENTRYPOINT_SEEDS_DIR=$root/seeds" "ENTRYPOINT_CHECKS_DIR=$root/docker/checks")
	boots "${sample[@]}"
	boots "${sample[@]}"
	sql 'alter table travelers disable trigger all'
	boot "${sample[@]}"
	expect 65
}
