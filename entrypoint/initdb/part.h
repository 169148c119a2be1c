/* The files of initdb_dir that are run, all read before the first of them is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct batch;
struct err;
struct folder;
struct script;

struct part {
	const char *name, *path;
	bool is_shell;
	struct script *script; /* of SQL */
	struct batch *batch;
	const char *const
		*digests;  /* of the first n statements (begun.h), once it is run by them */
	size_t statements; /* of it that are committed */
	bool is_done;      /* all of it is */
};

/*
 * In name order. What can be told of any of them is told before anything is sent; what is no such file is warned of and left
 * out. All lies in the arena.
 */
bool part_read_all(struct part **parts, size_t *count, const struct folder *folder,
                   struct arena *arena, struct err *err);
