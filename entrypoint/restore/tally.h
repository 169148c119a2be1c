/* What was ruled over the statements of a dump, counted, for people. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct item;
struct ruling;
struct text;

struct tally {
	struct tally_row *rows;
	size_t count;
	size_t statements, tables; /* kept; tables: COPYs among them */
	struct arena *arena;
};

void tally_add(struct tally *tally, const struct item *item, const struct ruling *ruling);

/* Is a refusal among them? Then its message without the place, and its line. */
bool tally_refusal(const struct tally *tally, const char **words, size_t *line);

/* A line for each thing that is not simply kept: "dropped  line 12: publication all: only a superuser ...". */
void tally_tell(const struct tally *tally, struct text *page);
