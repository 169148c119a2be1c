/* The files in a tar or a zip, one after the other as they come by. Include stream.h before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct arena;
struct err;
struct members;

enum member_kind {
	MEMBER_FILE,
	MEMBER_FOLDER,
	MEMBER_LINK, /* symbolic */
	MEMBER_SAME, /* a hard link: one more name of a file before it */
	MEMBER_OTHER,
};

/* What the archive says of it; nothing of that is to be trusted. Strings stay until the next one. */
struct member {
	const char *name;
	const char *target; /* of both kinds of links, else NULL */
	enum member_kind kind;
	int64_t size; /* of a file; -1: not said */
	mode_t mode;  /* the permissions only */
	int64_t user, group;
	struct timespec changed; /* its data */
	bool has_holes;          /* of a file: not all of its zeros are stored */
};

/* Is this how a tar begins, by the checksum of its first header? How a zip does? Pure. */
bool members_is_tar(const char *head, size_t length);
bool members_is_zip(const char *head, size_t length);

/*
 * Once the first member was asked for. The modes and links of a zip stand at its end only, which a stream comes to too late: a
 * link is a file there.
 */
bool members_are_of_zip(const struct members *members);

/* The path is for messages. NULL: FAULT_SYSTEM. Owner: members_close. */
struct members *members_open(const char *path, stream_pull *pull, void *from, struct arena *arena,
                             struct err *err);

/*
 * The next one; what is left of the one before is read over. *at_end: there is none, and the archive ended as one does, with
 * nothing behind. FAULT_WRONG: truncated, damaged, encrypted, something behind the end. What pull has failed with passes through.
 */
bool members_next(struct members *members, struct member *member, bool *at_end, struct err *err);

/* Of the member that members_next gave; a stream_pull. A zip's checksum is compared at its end. */
bool members_pull(void *members, const char **bytes, size_t *length, struct err *err);

/* Has a call failed? Then what is wrong is no member's content. */
bool members_is_broken(const struct members *members);

/* Accepts NULL. */
void members_close(struct members **members);
