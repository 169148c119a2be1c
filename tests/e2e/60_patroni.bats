# The primary of a highly available cluster fails over in the middle of a boot: the boot ends well by itself.
#
# ROUNDS is how often (1). SEED repeats a run.

load lib
load patroni

# What the application sees when it starts.
query="select 'APP ' || string_agg(n::text, ' ' order by n) || ', ' || (select count(*) from part) from applied"

setup_file() {
	export hub=pge-$BATS_ROOT_PID lacks
	lacks=$(cluster_lacks)
	[ -n "$lacks" ] || cluster_start
	RANDOM=${SEED:=$$}
	echo "# SEED=$SEED" >&3
}

teardown_file() {
	[ -n "$lacks" ] || cluster_stop
}

# The binary runs in the hub. What is held there goes on when its row is gone, on whichever node.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	[ -z "$lacks" ] || skip "$lacks"
	printf '%s\n' '#!/bin/sh' "exec nsenter --net=/run/netns/$hub $binary \"\$@\"" >in_hub
	chmod +x in_hub
	binary=$PWD/in_hub
	folders
}

folders() {
	put migrations/0001_part.sql 'create table part (name text not null, weight int);' 'create table applied (n int);' \
		'insert into applied values (1);' "select gate.pass('migration');"
	put migrations/0002_index.sql '-- pg-entrypoint: no-transaction' 'insert into applied values (2);' \
		"select gate.pass('index');" 'create index concurrently part_name on part (name);' 'insert into applied values (3);'
	put migrations/0003_rows.sql "insert into part select 'x' || i, i from generate_series(1, 100) i;" \
		'insert into applied values (4);'
	put migrations/R__view.sql 'create or replace view parts as select name from part;'
	put seeds/common/10_part.ini '[@table]' 'name = part' 'key = name' 'weight = 1' '[METSHIFT]' '[DYNACORE]'
	put seeds/common/20_applied.sql 'insert into applied values (5);' "select gate.pass('seed');"
	put checks/10_part.sql 'select count(*) from part having count(*) <> 102;'
}

# database_begin [GATE...]: a new one, in which these are shut.
database_begin() {
	local gate
	sql -d postgres "drop database if exists $database with (force)" "create database $database owner nexus_user"
	eventually "$long" sql 'create schema gate' # a standby that has not heard of the database yet sends psql away
	sql 'create table gate.shut (name text)' 'grant usage on schema gate to nexus_user' \
		'grant select on gate.shut to nexus_user' "create function gate.pass(wanted text) returns void language plpgsql as
			'begin while exists (select from gate.shut where name = wanted) loop perform pg_sleep(0.02); end loop; end'"
	for gate; do
		sql "insert into gate.shut values ('$gate')"
	done
	url="postgresql://nexus_user@$hosts/$database?target_session_attrs=read-write"
	url+='&keepalives_idle=1&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=3000'
}

running() {
	[ "$(sql -d postgres "select count(*) from pg_stat_activity
		where state = 'active' and pid <> pg_backend_pid() and datname = '$database' and query like '%$1%'" 2>/dev/null)" != 0 ]
}

# The boot has come to a gate of this name.
stands_at() {
	[ ! -e "/proc/$job" ] || running "gate.pass(%$1"
}

open_gate() {
	sql "delete from gate.shut where name = '$1'"
}

# fail_over MANNER: another node is the primary afterwards, as $primary.
fail_over() {
	local old
	eventually "$long" is_whole # one that is left behind twice finds no WAL to go on with, and stays away
	old=$primary
	case $1 in
	kill) node_kill "$old" ;;
	switchover) in_hub patronictl -c "$cluster/$old.yml" switchover --leader "node$old" --force >said 2>&1 ;;
	esac
	eventually "$long" find_primary "$old"
	[ "$1" = switchover ] || node_revive "$old"
}


is_right() {
	expect 0
	started 'APP 1 2 3 4 5, 102'
	equal "$(sql "select count(*) from pg_index where indrelid = 'part'::regclass and indisvalid")" 1 'valid indexes'
	equal "$(sql "select count(*) from entrypoint.migration where finished_at is null")" 0 'unfinished rows'
	equal "$(sql "select string_agg(version, ' ' order by version) from entrypoint.migration where version ~ '^[0-9R]'")" \
		'0001 0002 0003 R__view' 'ledger'
}

# And the next start finds nothing to do.
is_right_again() {
	eventually "$long" sql 'select' # as in database_begin
	is_right
	pge -- "$pg/psql" -XAtc "$query" "$url"
	is_right
	not_logged applied inserted 'another server that takes'
}

@test 'no primary, then one that goes in the middle of a migration, of CONCURRENTLY, of the seeding' {
	local round manners
	for ((round = 0; round < ${ROUNDS:-1}; round++)); do
		manners=(kill switchover)
		manners=("${manners[@]:round % 2}" "${manners[@]}" "${manners[@]}")
		database=t$round
		eventually "$long" is_safe
		database_begin migration index seed
		fail_over "${manners[0]}" 3>&- &
		failing=$!
		begin -- "$pg/psql" -XAtc "$query" "$url"
		wait "$failing"
		eventually "$long" stands_at migration
		fail_over "${manners[1]}"
		eventually "$long" stands_at migration
		open_gate migration
		eventually "$long" stands_at index
		hold 'insert into part values ($$held$$)'
		open_gate index
		eventually "$long" running 'create index concurrently'
		fail_over "${manners[2]}"
		wait "$holder" || true
		eventually "$long" stands_at seed
		fail_over "${manners[3]}"
		eventually "$long" stands_at seed
		open_gate seed
		end
		is_right_again
	done
}

# Its standbys get nothing from the primary any more.
starve_standbys() {
	local node
	for node in "${nodes[@]}"; do
		((node == primary)) || ip -n "$hub-$primary" route add blackhole "$lan.$node/32"
	done
}

feed_standbys() {
	ip -n "$hub-$1" route flush type blackhole
}

@test 'what was committed is lost by the fail-over: it is applied again on the new primary' {
	local old
	database=lost
	eventually "$long" is_whole # both are to be starved
	old=$primary
	database_begin index
	url+='&options=-csynchronous_commit%3Dlocal'
	starve_standbys
	begin -- "$pg/psql" -XAtc "$query" "$url"
	eventually "$long" stands_at index
	equal "$(sql 'select string_agg(n::text, $$ $$ order by n) from applied')" '1 2' 'on the old primary'
	node_kill "$old"
	eventually "$long" find_primary "$old"
	feed_standbys "$old"
	node_revive "$old"
	eventually "$long" stands_at index
	open_gate index
	end
	is_right
	equal "$(grep -c '0001_part.sql applied' err)" 2 'how often it was applied'
	is_right_again
}

@test 'a primary that goes at a random instant' {
	local round from
	((${ROUNDS:-1} > 1)) || skip 'with ROUNDS alone'
	for ((round = 1; round < ROUNDS; round++)); do
		database=instant$round
		eventually "$long" is_safe
		database_begin
		# It may come to the application, which then has to wait for itself.
		begin -- sh -c 'until "$@"; do sleep 0.1; done' sh "$pg/psql" -XAtc "$query" "$url"
		sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
		fail_over kill
		end
		is_right_again
	done
}
