/* The backup that a start restores: what restore_from names, or the one of its folder (candidate.h). */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct offer;

struct chosen {
	const char *path;
	const struct offer *offer; /* of the folder that it was chosen from; NULL: it was named */
};

/* Before a start: do the settings say from what? FAULT_CONFIG. */
bool chosen_check(const struct boot *boot, struct err *err);

/*
 * FAULT_NO_SOURCE: it is not there, its folder holds no backup or none that is taken by itself; FAULT_WRONG: it is older than
 * restore_max_age. What was looked at is told in each case.
 */
bool chosen_find(struct chosen *chosen, const struct boot *boot, struct arena *arena,
                 struct err *err);

/* Logs the candidates, if it was chosen from any. */
void chosen_tell(const struct chosen *chosen);

/* The one that was chosen is damaged (err says so): names the next older one, which is never taken by itself. Returns false. */
bool chosen_advise_older(const struct chosen *chosen, struct err *err);

/* Where an empty database has stopped a start: names what could be restored. Returns false. */
bool chosen_advise(const struct boot *boot, struct err *err);
