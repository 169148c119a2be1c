/* See extract.h. */
#include "../stream.h"

#include <stdint.h>

#include "../stream/members.h"
#include "extract.h"
#include "intake.h"
#include "kind.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "reader.h"

bool
extract_all(const struct spool *spool, int file, const char *label, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct intake *intake = arena_alloc(&arena, sizeof *intake);

	intake->file = file;
	intake->path = label;
	intake_begin(intake);
	return spool_fill(spool, intake_pull, intake, err);
}

/* With its compressions taken off. */
static bool
open_reader(struct reader **reader, int file, const char *label, struct arena *arena,
            struct err *err)
{
	return file < 0 ? err_errno(err, FAULT_NO_SOURCE, "%s", label)
	                : reader_open(reader, file, label, arena, err);
}

bool
extract_codecs(const struct spool *spool, const char *file, const char *label, size_t at,
               struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int source = open(file, O_RDONLY | O_CLOEXEC);
	SCOPED(reader_close) struct reader *reader = NULL;

	(void)at; /* the form of all ways */
	return open_reader(&reader, source, label, &arena, err) &&
	       spool_fill(spool, reader_pull, reader, err);
}

/* What is done with a member. */
typedef bool taker(const struct spool *spool, struct members *members, const struct member *member,
                   struct err *err);

/* Each of them; `only`: the one of that number. */
static bool
walk(const struct spool *spool, struct members *members, size_t only, taker *take, struct err *err)
{
	struct member member;
	bool at_end;

	for (size_t number = 1;; number++) {
		if (!members_next(members, &member, &at_end, err))
			return false;
		if (at_end)
			return !only ||
			       err_set(err, FAULT_WRONG, "it has changed since it was proven");
		if (member.kind != MEMBER_FILE || (only && number != only))
			continue;
		if (!take(spool, members, &member, err))
			return false;
		if (only)
			return true;
	}
}

static bool
open_and_walk(const struct spool *spool, const char *file, const char *label, size_t only,
              taker *take, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int source = open(file, O_RDONLY | O_CLOEXEC);
	SCOPED(reader_close) struct reader *reader = NULL;
	SCOPED(members_close) struct members *members = NULL;

	if (!open_reader(&reader, source, label, &arena, err))
		return false;
	members = members_open(label, reader_pull, reader, &arena, err);
	return members && walk(spool, members, only, take, err);
}

static bool
take_whole(const struct spool *spool, struct members *members, const struct member *member,
           struct err *err)
{
	(void)member; /* the form of all */
	return spool_fill(spool, members_pull, members, err);
}

bool
extract_member(const struct spool *spool, const char *file, const char *label, size_t at,
               struct err *err)
{
	return open_and_walk(spool, file, label, at, take_whole, err);
}

/*
 * A tar archive names the list of its large objects 3381.dat in its table of contents and blobs_3381.toc on the tape (_StartLOs in
 * pg_backup_tar.c); as a directory it is looked for by the first.
 */
static bool
link_list(const struct spool *spool, const char *name, struct err *err)
{
	char second[32] = "";
	const size_t digits = strncmp(name, "blobs_", 6) == 0 ? strspn(name + 6, "0123456789") : 0;

	if (!digits || digits > 20 || strcmp(name + 6 + digits, ".toc") != 0)
		return true;
	memcpy(second, name + 6, digits);
	memcpy(second + digits, ".dat", sizeof ".dat");
	return spool_link(spool, name, second, err);
}

static bool
take_part(const struct spool *spool, struct members *members, const struct member *member,
          struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const enum role role = kind_role(member->name);
	const char *name = arena_copy(&arena, folder_base_name(member->name));

	if (role != ROLE_TOC && role != ROLE_PART)
		return true;
	return spool_add(spool, name, members_pull, members, err) && link_list(spool, name, err);
}

bool
extract_parts(const struct spool *spool, const char *file, const char *label, size_t at,
              struct err *err)
{
	(void)at; /* the form of all ways */
	return open_and_walk(spool, file, label, 0, take_part, err);
}
