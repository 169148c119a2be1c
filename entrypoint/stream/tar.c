/* See tar.h. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "members.h"
#include "tar.h"

struct tar {
	struct archive *archive;
	struct archive_entry *entry;
	const char *path;
	stream_take *take;
	void *to;
	struct err *err; /* of the call under way, for what take says */
	bool has_failed; /* take has */
};

static la_ssize_t
give(struct archive *archive, void *to, const void *bytes, size_t length)
{
	struct tar *tar = to;

	if (!tar->has_failed && tar->take(tar->to, bytes, length, tar->err))
		return (la_ssize_t)length;
	tar->has_failed = true;
	archive_set_error(archive, EIO, "writing");
	return -1;
}

static bool
blame(const struct tar *tar, struct err *err)
{
	const char *reason = archive_error_string(tar->archive);

	return tar->has_failed ? false
	                       : err_set(err, FAULT_SYSTEM, "%s: %s", tar->path,
	                                 reason ? reason : "no reason given");
}

struct tar *
tar_open(const char *path, stream_take *take, void *to, struct arena *arena, struct err *err)
{
	struct tar *tar = arena_alloc(arena, sizeof *tar);

	*tar = (struct tar){ .archive = archive_write_new(),
		             .entry = archive_entry_new(),
		             .path = path,
		             .take = take,
		             .to = to,
		             .err = err };
	/* Names are bytes, in whatever encoding: else they would have to be such of the locale. */
	if (tar->archive && tar->entry &&
	    archive_write_set_format_pax(tar->archive) == ARCHIVE_OK &&
	    archive_write_set_options(tar->archive, "hdrcharset=BINARY") == ARCHIVE_OK &&
	    archive_write_open(tar->archive, tar, NULL, give, NULL) == ARCHIVE_OK)
		return tar;
	err_set_(err, FAULT_SYSTEM, "%s: out of memory", path);
	tar_close(&tar);
	return NULL;
}

static mode_t
type_of(enum member_kind kind)
{
	return kind == MEMBER_FOLDER ? AE_IFDIR : kind == MEMBER_LINK ? AE_IFLNK : AE_IFREG;
}

bool
tar_begin(struct tar *tar, const struct member *member, const struct extent *extents, size_t count,
          struct err *err)
{
	struct archive_entry *entry = archive_entry_clear(tar->entry);
	int state;

	tar->err = err;
	archive_entry_set_pathname(entry, member->name);
	archive_entry_set_filetype(entry, type_of(member->kind));
	archive_entry_set_perm(entry, member->mode);
	archive_entry_set_uid(entry, member->user);
	archive_entry_set_gid(entry, member->group);
	archive_entry_set_mtime(entry, member->changed.tv_sec, member->changed.tv_nsec);
	archive_entry_set_size(entry, member->kind == MEMBER_FILE ? member->size : 0);
	if (member->kind == MEMBER_LINK)
		archive_entry_set_symlink(entry, member->target);
	if (member->kind == MEMBER_SAME)
		archive_entry_set_hardlink(entry, member->target);
	for (size_t i = 0; i < count; i++)
		archive_entry_sparse_add_entry(entry, extents[i].at, extents[i].length);
	state = archive_write_header(tar->archive, entry);
	return state == ARCHIVE_OK || blame(tar, err);
}

bool
tar_add(struct tar *tar, const char *bytes, size_t length, struct err *err)
{
	tar->err = err;
	return archive_write_data(tar->archive, bytes, length) == (la_ssize_t)length ||
	       blame(tar, err);
}

bool
tar_finish(struct tar *tar, struct err *err)
{
	tar->err = err;
	return archive_write_close(tar->archive) == ARCHIVE_OK || blame(tar, err);
}

void
tar_close(struct tar **tar)
{
	struct err ignored = { 0 }; /* it is given up */

	if (!*tar)
		return;
	(*tar)->err = &ignored;
	(*tar)->has_failed = true;
	archive_entry_free((*tar)->entry);
	(void)archive_write_free((*tar)->archive); /* likewise */
	*tar = NULL;
}
