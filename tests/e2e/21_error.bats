# Errors like a compiler's: the place in the file, the line with a caret, what the server says of it, and functions of the
# same file that the error came through.

load lib

setup_file() {
	server_start
}

teardown_file() {
	server_stop
}

# has LINE...: the last log has exactly these lines, one behind the other.
has() {
	local wanted
	wanted=$(printf '%s\n' "$@")
	[[ $'\n'$stderr$'\n' == *$'\n'"$wanted"$'\n'* ]] || fail "not in the log: $wanted"
}

@test 'a function of the same file: the call, the line of the function, and the query there' {
	put migrations/0001_a.sql 'create table t (i int);' 'create function f() returns int language plpgsql as $$' 'declare' '	n int;' \
		'begin' '	select nope into n from t;' '	return n;' 'end $$;' '' 'select 1,' '       f();'
	boot
	expect 65
	has 'pg-entrypoint: error: migrate: '"$PWD"'/migrations/0001_a.sql:10:1: column "nope" does not exist' \
		'  select 1,' '  ^' \
		'  '"$PWD"'/migrations/0001_a.sql:6:9: in f()' '  	select nope into n from t;' '  	       ^' \
		'  SQLSTATE: 42703' '  QUERY: select nope        from t' '                ^' \
		'  CONTEXT: PL/pgSQL function f() line 5 at SQL statement'
}

@test 'an error at run time in a function that another one calls, and in a trigger' {
	put migrations/0001_a.sql 'create function f(i int) returns int language plpgsql as $$' 'begin' '	return i / 0;' 'end $$;' \
		'create function g() returns int language plpgsql as $$' 'begin' '	perform 1;' '	return f(1);' 'end $$;' 'select g();'
	boot
	expect 65 '0001_a.sql:10:1: division by zero' 22012 '0001_a.sql:3:2: in f(integer)' '0001_a.sql:8:2: in g()'
	put migrations/0001_a.sql 'create table t (i int);' \
		'create function f() returns trigger language plpgsql as $$ begin' "	raise 'never' using hint = 'Do not.';" 'end $$;' \
		'create trigger f before insert on t for each row execute function f();' 'insert into t values (1);'
	boot
	expect 65 '0001_a.sql:6:1: never' P0001 '0001_a.sql:3:2: in f()' 'hint: Do not.'
}

@test 'a DO block: its line is the place; an EXECUTEd string has a caret of its own' {
	put migrations/0001_a.sql 'do $$' 'declare i int := 0;' 'begin' '	i := 1 / i;' 'end $$;'
	boot
	expect 65 '0001_a.sql:4:2: division by zero' '	i := 1 / i;'
	put migrations/0001_a.sql 'do $$ begin' "	execute format('select 1, %I from pg_class', 'nope');" 'end $$;'
	boot
	expect 65
	has 'pg-entrypoint: error: migrate: '"$PWD"'/migrations/0001_a.sql:2:2: column "nope" does not exist' \
		"  	execute format('select 1, %I from pg_class', 'nope');" '  	^' '  SQLSTATE: 42703' \
		'  QUERY: select 1, nope from pg_class' '                   ^' \
		'  CONTEXT: PL/pgSQL function inline_code_block line 2 at EXECUTE'
	put migrations/0001_a.sql 'do $$ begin' "	execute 'select 1, nope from pg_class';" 'end $$;'
	boot
	expect 65 '0001_a.sql:2:21: column "nope"'
}

@test 'what is wrong in the body of a function when it is made' {
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as $$' 'begin' '	retrun 1;' 'end $$;'
	boot
	expect 65 '0001_a.sql:3:2: syntax error at or near "retrun"' 42601 '	retrun 1;'
	put migrations/0001_a.sql 'create function f() returns int language sql as $$' '	select 1;' '	select nope' '$$;'
	boot
	expect 65 '0001_a.sql:3:9: column "nope" does not exist'
	put migrations/0001_a.sql 'do $$' 'begin' '	if true then' '	end;' 'end $$;'
	boot
	expect 65 '0001_a.sql:4:5: syntax error'
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as $$' 'declare a int; a int;' 'begin' 'end $$;'
	boot
	expect 65 '0001_a.sql:2:16: duplicate declaration'
}

@test 'the same body twice: the server gives no place in the file, the body does' {
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as $$' 'begin' '	retrun 1;' 'end $$;'
	sed 's/f()/g()/' migrations/0001_a.sql >twice
	cat twice >>migrations/0001_a.sql
	boot
	expect 65 '0001_a.sql:3:2: syntax error at or near "retrun"'
}

@test 'SQL functions, and a file that goes statement by statement' {
	put migrations/0001_a.sql 'set check_function_bodies = off;' 'create function f() returns int language sql as $$' \
		'	select 1;' '	select nope;' '$$;' 'select f();'
	boot
	expect 65 '0001_a.sql:6:1: column "nope" does not exist' '0001_a.sql:4:9: in f'
	put migrations/0001_a.sql '-- pg-entrypoint: no-transaction' 'create function f() returns int language plpgsql as $$ begin' \
		'	return 1 / 0;' 'end $$;' 'select f();'
	boot
	expect 65 '0001_a.sql:5:1: division by zero' '0001_a.sql:3:2: in f()'
	put migrations/0001_a.sql 'create table t (i int);' 'copy t from stdin;' '1' 'x' '\.'
	database_new
	boot
	expect 65 '0001_a.sql:4:1: invalid input syntax' 'CONTEXT: COPY t, line 2'
}

@test 'a function of another file is not looked for in this one' {
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as $$ begin' '	return 1 / 0;' 'end $$;'
	put migrations/0002_b.sql 'create table t (i int);' 'select f();'
	boot
	expect 65 '0002_b.sql:2:1: division by zero' 'CONTEXT: '
	not_logged ': in f'
}

@test 'with log = json the place stands by itself' {
	put migrations/0001_a.sql 'create table t (i int);' '' '	select "n\o";'
	boot ENTRYPOINT_LOG=json
	expect 65
	python3 - "$PWD/migrations/0001_a.sql" <<'END' || fail 'not the object that was expected'
import json, sys
last = json.loads(open('err').read().splitlines()[-1])
wanted = {'level': 'error', 'step': 'migrate', 'file': sys.argv[1], 'line': 3, 'column': 9,
	'sqlstate': '42703', 'exit': 65}
assert wanted == {key: last[key] for key in wanted}, last
assert last['message'].endswith('0001_a.sql:3:9: column "n\\o" does not exist'), last
assert last['detail'].splitlines()[:2] == ['\tselect "n\\o";', '\t       ^'], last
END
	put migrations/0001_a.sql 'insert into pg_class (oid) values (1);'
	boot ENTRYPOINT_LOG=json
	grep -q '"hint"\|"sqlstate":"42501"' err || fail 'no sqlstate'
	rm migrations/*
	put seeds/common/10_t.ini '[@table]' 'name = t' 'key = i' '[x]'
	sql 'create table t (i int)' 'grant all on t to nexus_user'
	boot ENTRYPOINT_LOG=json
	expect 65 '"file":"'"$PWD"'/seeds/common/10_t.ini","line":4'
}

@test 'with log = json each line is UTF-8, whatever the bytes of a name are, and wherever a message is cut' {
	local before
	put $'migrations/0001_\xff\xc3.sql' 'nonsense;'
	boot ENTRYPOINT_LOG=json
	expect 65
	python3 -c 'import json
lines = [json.loads(line.decode("utf-8", "strict")) for line in open("err", "rb")]
assert "0001_\ufffd\ufffd.sql" in lines[-1]["message"], lines' || fail 'no JSON'
	rm migrations/*
	# Each character takes three bytes: behind two of these it is cut.
	for before in '' a aa; do
		put migrations/0001_a.sql "do \$\$ begin raise '%', '$before' || repeat('€', 2000); end \$\$;"
		boot ENTRYPOINT_LOG=json
		expect 65
		python3 -c 'import json
for line in open("err", "rb"):
	json.loads(line.decode("utf-8", "strict"))' || fail 'no JSON'
	done
}

@test 'further lines of a message are set in: none of them looks like one of ours' {
	put migrations/0001_a.sql "do \$\$ begin raise notice E'one\\npg-entrypoint: ready'; end \$\$;" \
		"do \$\$ begin raise E'two\\npg-entrypoint: error: three'; end \$\$;"
	boot
	expect 65 $'one\n  pg-entrypoint: ready\n' $'two\n  pg-entrypoint: error: three\n'
	pge $'no-such\npg-entrypoint: ready'
	expect 127 $'\n  pg-entrypoint: ready'
}

@test 'no control character of a message reaches the terminal, C0, C1 or DEL' {
	put migrations/0001_a.sql "do \$\$ begin raise E'<\\x1b[2J><\\u009b2J><\\u0080><\\u009f><\\x7f><\\u00a0><\\u0420><\tx>'; end \$\$;"
	boot
	expect 65 $'<?[2J><?2J><?><?><?><\u00a0><\u0420><\tx>'
	boot ENTRYPOINT_LOG=json
	expect 65 $'<?[2J><?2J><?><?><?><\u00a0><\u0420><\\u0009x>'
}

@test 'nor of a name, which may be no UTF-8, nor in JSON' {
	put $'migrations/0001_\xc2\x9b2J\x7f\u00c0.sql' 'select 1;'
	put $'migrations/0002_\x9b2J.sql' 'select 1;'
	pge plan
	expect 2
	equal "$output" $'pending      0001_?2J?\u00c0.sql\npending      0002_?2J.sql'
	pge plan --json
	expect 2
	[[ $output == *$'"0001_\\u009b2J\\u007f\u00c0"'*'"0002_\ufffd2J"'* ]] || fail 'raw in JSON'
}

@test 'no password in a query, a context or a line' {
	put migrations/0001_a.sql 'do $$ begin' "	execute 'alter role nope password ''geheim1'' valid until nonsense';" 'end $$;'
	boot
	expect 65 0001_a.sql
	not_logged geheim1
	put migrations/0001_a.sql 'create function f() returns void language plpgsql as $$ begin' "	alter role nope password 'geheim2';" 'end $$;' \
		'select f();'
	boot
	expect 65 '0001_a.sql:4' '0001_a.sql:2:2: in f()' "alter role nope password ***;"
	not_logged geheim2
}

@test 'a long line is cut around the caret, which stands right behind wide characters' {
	{
		printf 'select '
		for ((i = 0; i < 3000; i++)); do printf '1, '; done
		printf "'日本', wrong, "
		for ((i = 0; i < 3000; i++)); do printf '1, '; done
		echo '1;'
	} >long
	put migrations/0001_a.sql <long
	boot
	expect 65 '0001_a.sql:1:9014: column "wrong"'
	python3 - <<'END' || fail 'not under the word'
import unicodedata
lines = open('err').read().splitlines()
caret = next(i for i, line in enumerate(lines) if line.strip() == '^')
line, columns = lines[caret - 1], lines[caret].index('^')
assert line.startswith('  ...') and line.endswith('...') and len(line) < 200, line
width = 0
for at, character in enumerate(line):
	if width == columns:
		break
	width += 2 if unicodedata.east_asian_width(character) in 'WF' else 1
assert line[at:].startswith('wrong'), line[at:]
END
}

@test 'a code of a lost connection that a statement has raised is no loss of ours: 65 with its place' {
	put migrations/0001_a.sql 'select 1;' "do \$\$ begin raise 'the other server is away' using errcode = '08006'; end \$\$;"
	boot
	expect 65 '0001_a.sql:2:' 'the other server is away'
	put migrations/0001_a.sql 'create function f() returns int language plpgsql as' \
		"	'begin raise exception using message = \$\$shut down\$\$, errcode = \$\$57P01\$\$; end';"
	put checks/10_f.sql 'select f();'
	boot
	expect 65 '10_f.sql:1:1: shut down'
	boot
	expect 65 '10_f.sql:1:1: shut down'
}
