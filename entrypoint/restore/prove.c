/* See prove.h. */
#include "../stream.h"

#include "kind.h"
#include "prove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "container.h"
#include "content.h"
#include "early.h"
#include "intake.h"
#include "parts.h"
#include "reader.h"
#include "sums.h"

struct found
prove_nothing(struct arena *arena)
{
	struct text *list = arena_alloc(arena, sizeof *list);

	*list = text_new(arena);
	return (struct found){ .kind = KIND_BINARY,
		               .codecs = "",
		               .sums = "",
		               .database = "",
		               .server = "",
		               .tool = "",
		               .created = "",
		               .list = list,
		               .dump = "" };
}

const char *
prove_size(int64_t size, struct arena *arena)
{
	const long long bytes = size;

	return bytes < 10000       ? arena_print(arena, "%lld bytes", bytes)
	     : bytes < 10000000    ? arena_print(arena, "%lld kB", bytes / 1000)
	     : bytes < 10000000000 ? arena_print(arena, "%lld MB", bytes / 1000000)
	                           : arena_print(arena, "%lld GB", bytes / 1000000000);
}

/* Reads what is left, so that the checksum beside it is over all of it; what came before has said that it is damaged anyway. */
static void
drain(struct intake *intake)
{
	struct err ignored = { 0 };
	const char *bytes;
	size_t length;

	do {
		if (!intake_pull(intake, &bytes, &length, &ignored))
			return;
	} while (length);
}

/* A checksum that does not hold explains what else is wrong; one that holds says that it was written so. */
static bool
compare(struct found *found, struct intake *intake, bool is_whole, struct err *err)
{
	struct err sum = { 0 };
	const char *path;

	if (!intake->sums || (!is_whole && err->fault != FAULT_WRONG))
		return is_whole;
	if (!is_whole)
		drain(intake);
	if (sums_compare(intake->sums, &path, &sum)) {
		found->sums = path;
		return is_whole || err_detail(err, "%s holds: it was written like this", path);
	}
	if (is_whole)
		*err = sum;
	else
		(void)err_detail(err, "%s", sum.what); /* false below */
	return false;
}

/* One that is to be of files, and is looked at no further. */
static bool
prove_files(struct reader *reader, const char *path, struct err *err)
{
	size_t length;
	const char *head = reader_head(reader, &length);
	const enum kind kind = kind_of(head, length);

	return kind_is_container(kind)
	             ? container_pass(reader, path, err)
	             : err_set(err, FAULT_WRONG, "%s: %s, not an archive of files", path,
	                       kind_words(kind));
}

static bool
prove_open(struct found *found, struct intake *intake, struct arena *arena, struct err *err)
{
	SCOPED(reader_close) struct reader *reader = NULL;
	bool is_whole;

	intake_begin(intake);
	is_whole = reader_open_on(&reader, intake_pull, intake, intake->path, arena, err) &&
	           (found->kind == KIND_VOLUME
	                    ? prove_files(reader, intake->path, err)
	                    : content_prove(found, reader, intake->path, 0, arena, err));
	is_whole = compare(found, intake, is_whole, err);
	found->size = intake->taken;
	if (*found->sums)
		found->cover = COVER_ALL;
	return is_whole;
}

static bool
prove_file(struct found *found, int file, const char *path, int64_t size, const char *manifest,
           struct arena *arena, struct err *err)
{
	struct intake *intake = arena_alloc(arena, sizeof *intake);

	*intake = (struct intake){ .file = file, .path = path, .size = size };
	return (file == STDIN_FILENO || sums_open(&intake->sums, path, manifest, arena, err)) &&
	       prove_open(found, intake, arena, err);
}

bool
prove_again(struct found *found, int file, const char *label, struct arena *arena, struct err *err)
{
	struct intake *intake = arena_alloc(arena, sizeof *intake);
	struct stat status;

	*found = prove_nothing(arena);
	if (fstat(file, &status) != 0 || lseek(file, 0, SEEK_SET) != 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", label);
	*intake = (struct intake){ .file = file, .path = label, .size = status.st_size };
	return prove_open(found, intake, arena, err);
}

static bool
prove_part(struct parts *parts, struct intake *intake, const struct folder *folder,
           const char *name, int64_t *unpacked, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(reader_close) struct reader *reader = NULL;
	SCOPED(descriptor_close) int file = openat(folder->descriptor, name, O_RDONLY | O_CLOEXEC);
	const char *path = arena_join(&arena, folder->path, "/", name);

	if (file < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	intake->file = file;
	if (!reader_open_on(&reader, intake_pull, intake, path, &arena, err) ||
	    !parts_add(parts, name, reader, path, err))
		return false;
	*unpacked += reader_given(reader);
	return true;
}

static bool
is_ours(const char *name)
{
	const enum role role = kind_role(name);

	return role == ROLE_TOC || role == ROLE_PART;
}

static int64_t
size_of(const struct folder *folder)
{
	struct stat status;
	int64_t size = 0;

	for (size_t i = 0; i < folder->count; i++)
		if (is_ours(folder->names[i]) &&
		    fstatat(folder->descriptor, folder->names[i], &status, 0) == 0)
			size += status.st_size;
	return size;
}

static bool
prove_parts(struct found *found, struct parts *parts, const struct folder *folder,
            struct arena *arena, struct err *err)
{
	struct intake *intake = arena_alloc(arena, sizeof *intake);
	bool is_whole = true;

	*intake = (struct intake){ .path = folder->path, .size = size_of(folder) };
	intake_begin(intake);
	for (size_t i = 0; i < folder->count && is_whole; i++)
		if (is_ours(folder->names[i]))
			is_whole = prove_part(parts, intake, folder, folder->names[i],
			                      &found->unpacked, err);
	found->size = intake->taken;
	return is_whole && parts_prove(parts, folder->path, err);
}

static bool
has_toc(const struct folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		if (kind_role(folder->names[i]) == ROLE_TOC)
			return true;
	return false;
}

static bool
prove_folder(struct found *found, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	struct parts *parts = parts_new(arena);
	bool is_whole;

	if (!folder_open(&folder, path, arena, err))
		return false;
	if (!has_toc(&folder)) {
		(void)err_set(err, FAULT_WRONG,
		              "%s: no directory archive of pg_dump: it has no toc.dat",
		              path); /* false below */
		return err_hint(err, "name the backup itself");
	}
	found->kind = KIND_DIRECTORY;
	is_whole = prove_parts(found, parts, &folder, arena, err);
	if (parts_toc(parts))
		content_take_toc(found, parts_toc(parts), arena);
	if (is_whole)
		found->order = early_list(parts_toc(parts), arena);
	found->cover = parts_are_checked(parts) ? COVER_DATA : COVER_NONE;
	found->has_no_ends = parts_are_bare(parts);
	return is_whole;
}

static bool
prove_path(struct found *found, const char *path, const char *manifest, struct arena *arena,
           struct err *err)
{
	SCOPED(descriptor_close) int file = -1;
	struct stat status;

	if (strcmp(path, "-") == 0)
		return prove_file(found, STDIN_FILENO, "standard input", 0, NULL, arena, err);
	/* Else a pipe that nobody writes to would hold us here, where no signal is seen. */
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0 || fstat(file, &status) != 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	if (S_ISDIR(status.st_mode))
		return prove_folder(found, path, arena, err);
	return prove_file(found, file, path, S_ISREG(status.st_mode) ? status.st_size : 0, manifest,
	                  arena, err);
}

bool
prove_source(struct found *found, const char *path, struct arena *arena, struct err *err)
{
	*found = prove_nothing(arena);
	return prove_path(found, path, NULL, arena, err);
}

bool
prove_volume(const char *path, const char *manifest, struct arena *arena, struct err *err)
{
	struct found found = prove_nothing(arena);

	found.kind = KIND_VOLUME;
	return prove_path(&found, path, manifest, arena, err);
}
