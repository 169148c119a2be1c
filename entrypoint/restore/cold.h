/* A data directory in an archive, as tar has copied it from the volume of a server: what is in it, before any of it is written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct control;
struct err;
struct unpacking;

struct cold {
	const char *path;
	const char *below;   /* where it lies in the archive, "data"; "": at its top */
	const char *version; /* of PG_VERSION */
	struct control *control;
	bool has_label; /* backup_label: taken by pg_basebackup or between the functions of a backup */
	const char *remarks; /* what a person has to know, a line each; "": nothing */
	int64_t user, group; /* who owns PG_VERSION */
	int64_t files, bytes;
};

/*
 * Reads all of it. FAULT_WRONG: no data directory, or several; global/pg_control is damaged or of another kind of machine; a member
 * that may not be unpacked (unpack.h), a tablespace or a pg_wal that lies elsewhere among them, since their files are not in it.
 */
bool cold_read(struct cold *cold, const char *path, struct arena *arena, struct err *err);

/* How to unpack it, with what its owner is. */
void cold_unpacking(const struct cold *cold, struct unpacking *unpacking);
