/* The backups of a folder, read and judged: for a restore that has to choose, and for people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct candidate;
struct err;

struct offer {
	const char *folder;
	struct candidate *candidates; /* newest first, without a date last */
	size_t count;
	const struct candidate *taken; /* NULL: none by itself */
};

/* A folder that cannot be read is FAULT_NO_SOURCE. */
bool offer_read(struct offer *offer, const char *folder, const char *environment,
                struct arena *arena, struct err *err);

/* A line for each: when, kind, environment, size, whether it is whole as far as a glance can tell, name, why (not) taken. */
const char *offer_words(const struct offer *offer, struct arena *arena);

/*
 * `restore`: with --check or --list as answer_run (answer.h). Without a source prints those of restore_from and backup_dir
 * (FAULT_NO_SOURCE where they are not there); of several sources tells the newest; always false then. Not for
 * one source alone.
 */
bool offer_run(struct boot *boot, struct err *err);

/* Whoever sets restore_from counts on a start that restores: FAULT_CONFIG in this version. */
bool offer_check(const struct boot *boot, struct err *err);
