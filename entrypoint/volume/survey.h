/* What an archive of a volume will become, before any of it is written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct member;
struct members;

struct survey {
	int64_t files, folders; /* all that is no folder is a file here */
	int64_t bytes;          /* of all files */
	int64_t room;           /* what that takes of a disk */
	const char *below;      /* as in struct unpacking (unpack.h) */
	const char *passed; /* a folder with one of the names, with others beside it; NULL: none */
	/* survey.c's */
	const char *last; /* the deepest folder so far, as long as nothing else was there */
	bool has_others;  /* something lies beside `below` */
};

/* An empty one. */
struct survey survey_new(void);

/*
 * One more member, and where unpack_judge places it with nothing `below`. `below` becomes the folder of the archive that has one of the two names (the volume's, and that of its folder),
 * if all the rest lies in it. Pure.
 */
void survey_add(struct survey *survey, const struct member *member, const char *place,
                const char *const names[2], struct arena *arena);

/* All of them. FAULT_WRONG: damaged, or one may not be unpacked (unpack.h). A signal ends it. */
bool survey_run(struct survey *survey, struct members *members, const char *const names[2],
                const char *path, struct arena *arena, struct err *err);
