/* The tables that got rows, in the order of the dump. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct filled {
	const char *table; /* as the dump writes it */
	int64_t rows;      /* by the server's count */
	int64_t bytes;
	bool is_vacuumed; /* or will be, behind its rows */
};

struct fillings {
	struct arena *arena; /* of all below */
	struct filled *tables;
	size_t count;
	const char *encoding;   /* of their names; NULL: the session's */
	struct headway headway; /* include headway.h before */
};

/* Rows of it are on their way; tells how far all is, if it is time. */
void fillings_sent(struct fillings *fillings, const char *table, int64_t rows);

/* The table's place in it, made where there was none. */
struct filled *fillings_note(struct fillings *fillings, const char *table);

/* NULL: it got no rows. */
struct filled *fillings_find(const struct fillings *fillings, const char *table);

/* Rows, and bytes, of a table, 0 where it got none. */
int64_t fillings_rows(const struct fillings *fillings, const char *table);
int64_t fillings_bytes(const struct fillings *fillings, const char *table);
