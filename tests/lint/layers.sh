#!/bin/bash
# The layer rule of the sources: includes point down, each third-party library is known to few files, our headers include
# none of ours. Prints each violation as file:line: words and exits with 1 if there is any.
set -euo pipefail
shopt -s nullglob globstar

cd "$(dirname "$0")/../../entrypoint"

# A module is a .c with its .h, or a folder with the .h beside it. One of a higher layer may include one of the same or a
# lower layer, never the other way round.
layers=(
	# 0: can be used anywhere
	"arena clock descriptors err hash log meant names parallel scoped secrets sort spelling start summary utf8 words"
	# 1: drivers: each hides a library or a part of the system
	"account caret config db folder gzip lexer mapping pattern phase probe program reach sections signals stream target token tree"
	# 2: domain: what migrations, seeds and the rest are
	"alone attempt begun blockers boot bounds child companion confirm csv deed empty ending envelope fingerprint format group held history identity include ledger lint mark meta migration migrator parcel place pooled progress proof repeatable script secrets sending sheet shell single snapshot source split unpack variable volume"
	# 3: steps and commands, and what they share
	"accept adopt application backup become check course down health help init initdb inspect lock look migrate new note pgtools plan refill rehearse report reset restore seed standing status takeover undo verify wait"
	# 4: the flow
	"main"
)

# Within a layer there are no circles, but between the files of one noun.
nouns=(
	"script deed include mark meta place source split variable"
	"migration companion repeatable"
	"db target" # a URL may hold every keyword that libpq knows
)

# Who else may know it would have to be told why.
#   pattern (on code without comments) : files that may
known=(
	'#include <libpq-fe\.h>|#include <libpq/          : db/*.c db/*.h lexer.c utf8.c' # psqlscan.h needs it
	'#include <ini\.h>                                : sections.c'
	'#include ["<](fe_utils/)?psqlscan(_int)?\.h|#include <pqexpbuffer\.h> : lexer.c'
	'#include <archive(_entry)?\.h>|#include <(zlib|isa-l/.*)\.h>  : stream/*.c gzip.c'
	'#include <lz4frame\.h>                            : stream/*.c'
	'\<(secure_)?getenv\(|\<environ\>|\<(un|clear|put|set)*env\(  : config/*.c'
	'\<sigaction\(|\<sigprocmask\(|\<signalfd\(|\<signal\(  : signals.c'
	'\<(v?f?printf|puts|putchar|fputs|perror|fwrite)\(|\<STD(OUT|ERR)_FILENO\>|\<std(out|err)\> : log.c arena.c child.c backup.c descriptors.c init/say.c init/spawn.c'
	'\<_?exit\(                                       : main.c arena.c signals.c db/resolve.c child.c init/spawn.c' # children of ours end so
	'\<(goto|setjmp|longjmp|alloca)\>                 : '
	'\<typedef (struct|enum|union)\>                  : '
)

found=0

violation() {
	echo "entrypoint/$1: $2"
	found=1
}

declare -A layer_of
for ((number = 0; number < ${#layers[@]}; number++)); do
	for module in ${layers[number]}; do
		layer_of[$module]=$number
	done
done

declare -A noun_of
for noun in "${nouns[@]}"; do
	for module in $noun; do
		noun_of[$module]=${noun%% *}
	done
done

# No process for each of the thousands of lines: that takes minutes where a fork is slow.
edges=

while IFS=: read -r file line header; do
	header=${header#*\"}
	header=${header%%\"*}
	[[ $header != versions.h ]] || continue # the Makefile makes it
	beside=${file%"${file##*/}"}$header
	if [[ -e $beside ]]; then
		while [[ $beside =~ ^(.*/)?[^/.]+/\.\./(.*)$ ]]; do
			beside=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
		done
		header=$beside
	fi
	from=${file%%/*} to=${header%%/*}
	from=${from%.[ch]} to=${to%.[ch]}
	if [[ ! -e $header ]]; then
		violation "$file:$line" "no such header: $header"
	elif [[ $file == *.h ]]; then
		violation "$file:$line" "a header of ours includes $header: say \`struct x;\`, or let each .c include both"
	fi
	if [[ $from != "$to" ]]; then
		edges+="${noun_of[$from]-$from} ${noun_of[$to]-$to}"$'\n'
		if ((${layer_of[$from]-9} < ${layer_of[$to]-0})); then
			violation "$file:$line" "$from is below $to, but includes it"
		fi
	fi
done < <(grep -Hn '^#include "' -- **/*.[ch])

for file in *.[ch] */; do
	module=${file%%/*}
	module=${module%.[ch]}
	if [[ -z ${layer_of[$module]-} ]]; then
		violation "$file" "$module stands in no layer of tests/lint/layers.sh"
	fi
done

# tsort names what goes round in a circle, each after the last.
if ! circle=$(tsort <<<"$edges" 2>&1 >/dev/null); then
	violation . "includes in a circle: $(sed 's/^tsort: //; /input contains a loop/d' <<<"$circle" | xargs)"
fi

# Comments and what stands in quotes become blanks, lines stay.
code=$(gcc -fpreprocessed -dD -E ./**/*.[ch] 2>/dev/null | awk '
	/^# [0-9]+ "/ { line = $2 - 1; split($0, part, "\""); file = substr(part[2], 3); next }
	!/^ *#/ { gsub(/\047\\?.\047/, "0"); gsub(/"([^"\\]|\\.)*"/, "\"\"") }
	{ line++; print file ":" line ":" $0 }')

for row in "${known[@]}"; do
	pattern=${row% : *}
	pattern=${pattern%"${pattern##*[! ]}"}
	read -r -a allowed <<<"${row##* : }"
	while IFS=: read -r file line words; do
		[[ -n $file ]] || continue
		for one in "${allowed[@]}"; do
			# shellcheck disable=SC2053 # a pattern is meant
			[[ $file != $one ]] || continue 2
		done
		violation "$file:$line" "only ${allowed[*]:-nobody} may say this:${words%%//*}"
	done < <(grep -E ":[0-9]+:.*($pattern)" <<<"$code" || true)
done

exit "$found"
