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
	size_t statements, filled; /* kept; tables into which they put rows */
	size_t tables, relations;  /* that they make; relations: indexes and the like too */
	char insert[300];          /* what the last INSERT began with, up to its table */
	size_t insert_length;
	struct arena *arena;
};

void tally_add(struct tally *tally, const struct item *item, const struct ruling *ruling);

/* Is a refusal among them? Then its message without the place, and its line. */
bool tally_refusal(const struct tally *tally, const char **words, size_t *line);

/* A line for each thing that is not simply kept: "dropped  line 12: publication all: only a superuser ...". */
void tally_tell(const struct tally *tally, struct text *page);

/* What was left out since only a superuser may make it, with commas between; "": nothing. */
const char *tally_superusers(const struct tally *tally, struct arena *arena);
