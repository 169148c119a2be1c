/*
 * The first reading of a dump, whole, before anything is written: is it whole, which of its databases is meant, and what is done with
 * each of its statements.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct boot;
struct err;
struct grounds;
struct supply;
struct text;

/* Of one database: from one \connect to the next. The first has no name: it is all of a dump without any. */
struct section;

struct plan {
	const struct supply *supply;
	const struct grounds *grounds;
	struct section *sections;
	size_t count, chosen;
	const char *server, *tool; /* versions: dumped from, dumped by; "" if it does not say */
	bool is_cluster;
	int64_t size; /* bytes of it as a script */
};

/*
 * Supply and grounds must live on. FAULT_WRONG: not a whole dump, or not one of pg_dump; with a statement that cannot be restored here; of
 * several databases of which none has the name of ours.
 */
bool plan_make(struct plan *plan, const struct supply *supply, const struct grounds *grounds,
               struct boot *boot, struct arena *arena, struct err *err);

/* pg_dump -C connects once more behind the settings of the database, to have them: the section goes on. Pure. */
bool plan_goes_on(const struct plan *plan, size_t section, const char *database);

/* Of the chosen database: tables that are made or get rows; all relations that are made. */
size_t plan_tables(const struct plan *plan);
size_t plan_relations(const struct plan *plan);

/* What is left out that may be missed; "": nothing. */
const char *plan_missed(const struct plan *plan, struct arena *arena);

/* Lines for people. */
void plan_tell(const struct plan *plan, struct text *page);
