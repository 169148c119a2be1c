/* See filled.h. */
#include "headway.h"

#include "filled.h"

#include <string.h>

#include "../arena.h"

/* From the last, which is nearly always the one. */
struct filled *
fillings_find(const struct fillings *fillings, const char *table)
{
	for (size_t i = fillings->count; i > 0; i--)
		if (strcmp(fillings->tables[i - 1].table, table) == 0)
			return &fillings->tables[i - 1];
	return NULL;
}

struct filled *
fillings_note(struct fillings *fillings, const char *table)
{
	struct filled *filled = fillings_find(fillings, table);

	if (filled)
		return filled;
	fillings->tables = arena_grow(fillings->arena, fillings->tables, fillings->count,
	                              sizeof *fillings->tables);
	filled = &fillings->tables[fillings->count++];
	*filled = (struct filled){ .table = arena_copy(fillings->arena, table) };
	return filled;
}

void
fillings_sent(struct fillings *fillings, const char *table, int64_t rows)
{
	fillings->headway.doing = fillings_note(fillings, table)->table;
	fillings->headway.rows += rows;
	headway_tick(&fillings->headway);
}

int64_t
fillings_rows(const struct fillings *fillings, const char *table)
{
	const struct filled *filled = fillings_find(fillings, table);

	return filled ? filled->rows : 0;
}

int64_t
fillings_bytes(const struct fillings *fillings, const char *table)
{
	const struct filled *filled = fillings_find(fillings, table);

	return filled ? filled->bytes : 0;
}
