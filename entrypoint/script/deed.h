/* What a statement does, as far as it matters to us, told by its first words. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum deed_kind {
	DEED_PLAIN,
	DEED_COPY,        /* COPY ... FROM STDIN */
	DEED_ALONE,       /* cannot run inside a transaction */
	DEED_BEGIN,       /* begins a transaction, without modes */
	DEED_COMMIT,      /* and nothing else: no AND CHAIN */
	DEED_TRANSACTION, /* other transaction control */
	DEED_STRINGS_ON,  /* sets standard_conforming_strings */
	DEED_STRINGS_OFF,
};

/* A name as written, may be qualified and quoted. */
struct span {
	const char *at; /* NULL: none */
	size_t length;
};

struct deed {
	enum deed_kind kind;
	int alone; /* enum alone of script.h; DEED_PLAIN: should it have to be */
	struct span object, relation;
};

/* Of the text of one statement; backslashes as in token.h. */
struct deed deed_of(const char *sql, size_t length, bool backslashes);
