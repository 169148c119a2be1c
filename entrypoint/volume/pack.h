/* A folder of files into a tar: owners, modes, times, links of both kinds, holes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct tar;

struct packing {
	const char *front; /* the folder's name in the tar, in front of all others */
	const char *label; /* for messages */
	const char *const
		*spared; /* names in the folder itself that are left out; ends with NULL */
};

/* Of names: how many, and the first of them, perhaps cut. */
struct named {
	int64_t count;
	char first[256];
};

/* What was taken; the first two as struct survey (volume/survey.h) counts them. */
struct packed {
	int64_t files, folders;
	int64_t bytes;                  /* of all files */
	int64_t strange;                /* devices, pipes and sockets, which are left out */
	struct named changed, vanished; /* meanwhile */
};

/*
 * All below an open folder, sorted, without following a link. What vanishes meanwhile is left out, and counted: its new name may be left out as well; a file that changes while it
 * is read is taken as it is read. FAULT_NO_SOURCE: something cannot be read. A signal ends it.
 */
bool pack_folder(struct packed *packed, struct tar *tar, int folder, const struct packing *packing,
                 struct err *err);
