# The file itself: one static binary that needs nothing around it.

load lib

setup_file() {
	server_start
	cd "$server" || return
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.crt -subj '/CN=test authority' 2>openssl.log
	openssl req -newkey rsa:2048 -nodes -keyout data/server.key -out server.csr -subj '/CN=db.test' 2>>openssl.log
	openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out data/server.crt \
		-extfile <(echo 'subjectAltName = DNS:db.test') 2>>openssl.log
	chown postgres data/server.*
	chmod 600 data/server.key
	sql -d postgres 'alter system set ssl = on' 'select pg_reload_conf()' >/dev/null
	printf '%s\n' 'local all all trust' 'hostssl all all 127.0.0.1/32 scram-sha-256' >data/pg_hba.conf
	sql -d postgres 'select pg_reload_conf()' >/dev/null
}

teardown_file() {
	server_stop
}

static_only() {
	[ -z "${SANITIZED-}${WRAPPED-}" ] || skip 'not the release binary'
}

# A folder with nothing but the binary and the authority's certificate, as $PWD/root.
empty_root() {
	mkdir root
	cp "$binary" root/pg-entrypoint
	cp "$server/ca.crt" root/
}

# in_root [NAME=VALUE...] [ARG...]
in_root() {
	local variables=()
	while [[ $1 =~ ^[A-Z_]+= ]]; do
		variables+=("$1")
		shift
	done
	captured env -i "${variables[@]}" "$(command -v chroot)" root /pg-entrypoint "$@"
}

tls_url() {
	echo "postgresql://nexus_user:secret@$1:$port/$database?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${2-/ca.crt}"
}

@test 'the binary is static and holds everything in at most 4.8 MB' {
	static_only
	run file -L "$binary"
	[[ $output == *static* ]] || fail "not static: $output"
	[ "$(stat -c %s "$binary")" -le 4800000 ] || fail "$(stat -c %s "$binary") bytes"
}

@test 'it runs in an empty root' {
	static_only
	empty_root
	in_root version
	expect 0
	[[ $output == *[0-9].[0-9]* ]] || fail 'no version'
}

@test 'version --all names every library inside' {
	local name
	pge version --all
	expect 0
	for name in postgresql openssl libarchive zlib isal zstd xz lz4 bzip2 inih; do
		[[ ${output,,} == *"$name"* ]] || fail "no $name"
	done
	pge version
	grep -qx "ARG VERSION=${output##* }" "$root/docker/Dockerfile" || fail "the image's label has another version than $output"
}

@test 'pg_dump and pg_restore are inside, by argv[0], of a major version that knows the server' {
	static_only
	empty_root
	ln -s pg-entrypoint root/pg_dump
	ln -s pg-entrypoint root/pg_restore
	run chroot root /pg_dump --version
	[[ $status -eq 0 && $output == 'pg_dump (PostgreSQL) 1'[78]* ]] || fail "$output"
	run chroot root /pg_restore --version
	[[ $status -eq 0 && $output == 'pg_restore (PostgreSQL) 1'[78]* ]] || fail "$output"
}

@test 'TLS with verify-full and SCRAM works from an empty root' {
	static_only
	empty_root
	in_root "DATABASE_URL=$(tls_url db.test)" -- /pg-entrypoint version
	expect 0
	[[ $output == *[0-9].[0-9]* ]] || fail 'the application was not started'
}

@test 'a certificate for another host name is refused at once' {
	local from
	static_only
	empty_root
	from=$(now_ms)
	in_root "DATABASE_URL=$(tls_url other.test)" -- /pg-entrypoint version
	expect 78 certificate other.test
	equal "$output" '' 'output of an application that must not start'
	(($(now_ms) - from < 3000)) || fail 'waited'
}

@test 'a certificate of an unknown authority is refused' {
	static_only
	empty_root
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout root/x.key -out root/other.crt -subj '/CN=someone else' 2>/dev/null
	in_root "DATABASE_URL=$(tls_url db.test /other.crt)" -- /pg-entrypoint version
	expect 78 certificate
}

@test 'verify-full works for the build with shared libraries too' {
	put hosts "127.0.0.1 db.test"
	url=$(tls_url db.test "$server/ca.crt")
	boots
	url=$(tls_url other.test "$server/ca.crt")
	boot
	expect 78 certificate
}

@test 'the release binary is position independent with read-only relocations and no executable stack' {
	static_only
	run readelf -hld "$binary"
	[[ $output == *DYN* ]] || fail 'not position independent'
	[[ $output == *GNU_RELRO* ]] || fail 'no relro'
	[[ $output == *GNU_STACK* && ! $output =~ GNU_STACK[^$'\n']*$'\n'[^$'\n']*RWE ]] || fail 'executable stack'
	[[ $output == *NOW* ]] || fail 'lazy binding'
}

@test 'help tells every step, command and exit code' {
	local word
	pge --help
	expect 0
	for word in boot wait plan migrate seed status version help 64 65 69 77 78 \
		--plan --check --list --lint --only --trusted --replace --no-safety-copy --pgdata; do
		[[ $output == *"$word"* ]] || fail "no $word"
	done
}
