/* The connection that the application will use. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * Where the application has a connection of its own (url beside admin_url): it can log in, and comes to the database that
 * was proven, or to a physical standby that has come as far. FAULT_CONFIG if it is another one. Without the lock, where nothing was done, a
 * young glance is enough.
 */
bool application_prove(const struct boot *boot, struct err *err);

/*
 * Tries its login beside the look (boot.h): what it sees, within a quarter of a second, is noted in the facts, and counts for twice
 * that. Fails on a signal only.
 */
bool application_glance(struct boot *boot, struct err *err);

/*
 * Where something is to be written: the same beforehand, as far as it can be told by one try. A login that is still to be
 * made, or a server that does not answer at once, is left to application_prove.
 */
bool application_look_ahead(const struct boot *boot, struct err *err);

/* Its role where it has a connection of its own; NULL: it has not, or nobody knows. Otherwise as the settings go: FAULT_CONFIG. */
bool application_role(const char **role, const struct boot *boot, struct err *err);
