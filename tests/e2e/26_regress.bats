# The splitter is PostgreSQL's: its own regression tests, from the source that we are built from, are split as psql splits
# them, byte for byte but for empty lines, which psql leaves out.

load lib

setup_file() {
	export tool=$root/build/dev/unit/regress
	make -C "$root" --no-print-directory DEV=1 "$tool" >&2
}

@test 'the regression tests of PostgreSQL are split as psql splits them' {
	local files sum
	files=("$root"/build/work/postgresql/src/test/regress/sql/*.sql)
	[ -e "${files[0]}" ] || skip 'the sources of PostgreSQL are not unpacked here'
	psql=$(printf '%s\n' /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)
	# A sample, or all of them in the long run, which sets more rounds.
	if [ "${ROUNDS:-3}" -lt 20 ]; then
		mapfile -t files < <(printf '%s\n' "${files[@]}" | awk 'NR % 4 == 1 || /(create_procedure|copy2|plpgsql|strings|transactions)\.sql$/')
	fi
	python3 "$root/tests/e2e/splits.py" "$psql" "$tool" "${files[@]}" >splits || fail "$(grep -v ^refused splits)"
	# Those that we refuse are named with the reason, those that were not compared in any form are few.
	cat splits >&3
	sum=$(tail -n 1 splits)
	[[ $sum =~ ^([0-9]+)\ files\ not\ compared,\ 0\ differ$ ]] || fail "$sum"
	((BASH_REMATCH[1] <= 5)) || fail "$sum"
	(($(awk '/ statements$/ { sum += $(NF - 1) } END { print sum }' splits) > ${#files[@]} * 50)) || fail 'hardly a statement was compared'
}
