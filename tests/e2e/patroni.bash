# shellcheck shell=bash
#
# A highly available cluster: three nodes of PostgreSQL under Patroni, each in a network namespace of its own, and etcd in a
# fourth, the hub, which joins them. What talks to the cluster runs in the hub, the binary under test too. Nothing of it is seen
# from outside. Commits wait for a standby (synchronous_mode), so that none is lost, but where a test asks for it.

nodes=(1 2 3)
lan=10.66.15
long=240 # s; what a fail-over may take on a machine that is busy with something else

# A word on what is missing here, or nothing.
cluster_lacks() {
	local program
	for program in patroni patronictl etcd etcdctl; do
		command -v "$program" >/dev/null || {
			echo "no $program here"
			return
		}
	done
	[ -z "${PG_VERSION-}" ] || echo 'tried with the server of this machine'
	{ ip netns add "$hub" && ip -n "$hub" link add lan type bridge; } 2>/dev/null || echo 'no network namespaces here'
}

in_hub() {
	nsenter --net="/run/netns/$hub" "$@"
}

node_connect() {
	ip netns add "$hub-$1"
	ip -n "$hub" link add "node$1" type veth peer name lan netns "$hub-$1"
	ip -n "$hub" link set "node$1" master lan up
	ip -n "$hub-$1" address add "$lan.$1/24" dev lan
	ip -n "$hub-$1" link set lo up
	ip -n "$hub-$1" link set lan up
}

node_configure() {
	cat >"$cluster/$1.yml" <<-END
		scope: sample
		name: node$1
		restapi: { listen: "$lan.$1:8008", connect_address: "$lan.$1:8008" }
		etcd3: { host: "$lan.254:2379" }
		postgresql:
		  listen: "$lan.$1:5432"
		  connect_address: "$lan.$1:5432"
		  data_dir: $cluster/data$1
		  bin_dir: $pg
		  pgpass: $cluster/pgpass$1
		  remove_data_directory_on_diverged_timelines: true
		  create_replica_methods: [basebackup]
		  basebackup: { checkpoint: fast, no-sync: "" }
		  parameters: { unix_socket_directories: "", log_statement: none, track_activity_query_size: 16384, wal_keep_size: 64MB, fsync: off }
		  pg_hba: [local all all trust, host all all $lan.0/24 trust, host replication all $lan.0/24 trust]
		  authentication:
		    superuser: { username: postgres }
		    replication: { username: postgres }
	END
}

# Its pid is in the file patroniN, as that of any other process of ours in one of this kind.
node_start() {
	(cd / && exec nsenter --net="/run/netns/$hub-$1" setpriv --reuid=postgres --regid=postgres --init-groups \
		patroni "$cluster/$1.yml" >>"$cluster/log$1" 2>&1 3>&-) &
	echo $! >"$cluster/patroni$1"
}

# As if its machine had lost its power; what of it has ended by itself is no matter.
node_kill() {
	local pid
	for pid in "$cluster/patroni$1" "$cluster/data$1/postmaster.pid"; do
		[ ! -e "$pid" ] || kill -s KILL "$(head -n 1 "$pid")" 2>/dev/null || true
	done
}

# With an empty disk. What its backends still write goes with that.
node_revive() {
	mv "$cluster/data$1" "$cluster/lost.$1.$RANDOM$RANDOM"
	node_start "$1"
}

# sql_apart [-d DATABASE] STATEMENT...: as in lib.bash, on the primary; there is no other way to ask here.
sql_apart() {
	local statements name=${database:-postgres}
	if [ "$1" = -d ]; then
		name=$2
		shift 2
	fi
	printf -v statements '%s;\n' "$@"
	PGOPTIONS='-c client_min_messages=warning' PGCONNECT_TIMEOUT=10 in_hub "$pg/psql" -XAtq -v ON_ERROR_STOP=1 \
		-d "postgresql://postgres@$hosts/$name?target_session_attrs=read-write" -f - <<<"$statements"
}

sql() {
	sql_apart "$@"
}

# Sets $primary to the number of the node that writes; with an argument, of one that is not that node.
find_primary() {
	primary=$(sql -d postgres 'select host(inet_server_addr())' 2>/dev/null) || return
	primary=${primary##*.}
	[ "$primary" != "${1-}" ]
}

# A standby has all that is committed, and Patroni knows that it may take over from node $primary.
is_safe() {
	local known
	find_primary || return
	known=$(in_hub etcdctl --endpoints="$lan.254:2379" get --print-value-only /service/sample/sync) || return
	[[ $known == *"\"leader\":\"node$primary\""* && $known == *'"sync_standby":"node'* ]] &&
		[ "$(sql -d postgres "select count(*) from pg_stat_replication where sync_state = 'sync'")" = 1 ]
}

# And there are two of them.
is_whole() {
	is_safe && [ "$(sql -d postgres "select count(*) from pg_stat_replication where state = 'streaming'")" = 2 ]
}

cluster_start() {
	local node
	server_create
	export cluster=$server hosts
	server=
	mv "$cluster/data" "$cluster/data1"
	mkdir "$cluster/etcd"
	ip -n "$hub" address add "$lan.254/24" dev lan
	ip -n "$hub" link set lo up
	ip -n "$hub" link set lan up
	(cd / && exec nsenter --net="/run/netns/$hub" etcd --data-dir "$cluster/etcd" --listen-client-urls "http://$lan.254:2379" \
		--advertise-client-urls "http://$lan.254:2379" --listen-peer-urls http://127.0.0.1:2380 \
		>"$cluster/etcd.log" 2>&1 3>&-) &
	echo $! >"$cluster/etcd.pid"
	for node in "${nodes[@]}"; do
		node_connect "$node"
		node_configure "$node"
		hosts+="${hosts:+,}$lan.$node"
	done
	chown -R postgres "$cluster"
	eventually "$long" in_hub etcdctl --endpoints="$lan.254:2379" put /service/sample/config '{ "ttl": 6, "loop_wait": 1, "retry_timeout": 2,
		"synchronous_mode": true, "postgresql": { "use_pg_rewind": false, "parameters": { "max_connections": 50 } } }'
	node_start 1 # who has data begins
	eventually "$long" find_primary
	node_start 2
	node_start 3
	eventually "$long" is_whole
	sql -d postgres 'create role nexus_user login'
}

cluster_stop() {
	local node
	for node in "${nodes[@]}"; do
		node_kill "$node"
	done
	[ ! -e "$cluster/etcd.pid" ] || kill -s KILL "$(<"$cluster/etcd.pid")"
	for node in "$hub" "${nodes[@]/#/$hub-}"; do
		[ ! -e "/run/netns/$node" ] || ip netns delete "$node"
	done
	rm -rf "$cluster"
}
