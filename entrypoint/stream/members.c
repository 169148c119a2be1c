/* See members.h. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../stream.h"
#include "members.h"

#define PIECE ((size_t)1 << 18)
#define BLOCK ((int64_t)512)

struct members {
	struct archive *archive;
	const char *path;
	stream_pull *pull;
	void *from;
	struct err *err; /* of the call under way, for what pull says */
	bool has_failed; /* pull has */
	bool is_broken;
	bool is_open, is_drained;
	int64_t given;    /* bytes of the archive so far */
	int64_t filled;   /* behind the last of them that is not zero */
	int64_t data_end; /* where the last member ended, without its padding perhaps */
	char tail[512];   /* the last bytes given */
	size_t tail_length;
	char piece[PIECE];
};

/* The checksum of POSIX's ustar header: the sum of its bytes, its own field taken for blanks. */
bool
members_is_tar(const char *head, size_t length)
{
	unsigned long sum = 0, said = 0;
	size_t at = 148;

	if (length < (size_t)BLOCK || !head[0])
		return false;
	for (size_t i = 0; i < (size_t)BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	while (at < 156 && head[at] == ' ')
		at++;
	for (; at < 156 && head[at] >= '0' && head[at] <= '7'; at++)
		said = said * 8 + (unsigned long)(head[at] - '0');
	return sum == said;
}

bool
members_is_zip(const char *head, size_t length)
{
	return length >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

bool
members_are_of_zip(const struct members *members)
{
	return (archive_format(members->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
}

static void
keep_tail(struct members *members, const char *bytes, size_t length)
{
	const size_t room = sizeof members->tail;
	const size_t kept = length >= room                       ? 0
	                  : members->tail_length + length > room ? room - length
	                                                         : members->tail_length;

	if (length > room) {
		bytes += length - room;
		length = room;
	}
	memmove(members->tail, members->tail + members->tail_length - kept, kept);
	memcpy(members->tail + kept, bytes, length);
	members->tail_length = kept + length;
}

static bool
pull_piece(struct members *members, const char **bytes, size_t *length, struct err *err)
{
	size_t filled;

	if (!members->pull(members->from, bytes, length, err)) {
		members->has_failed = true;
		return false;
	}
	members->is_drained = *length == 0;
	for (filled = *length; filled && !(*bytes)[filled - 1]; filled--)
		continue;
	if (filled)
		members->filled = members->given + (int64_t)filled;
	members->given += (int64_t)*length;
	keep_tail(members, *bytes, *length);
	return true;
}

static la_ssize_t
give(struct archive *archive, void *to, const void **bytes)
{
	struct members *members = to;
	const char *piece;
	size_t length;

	if (!pull_piece(members, &piece, &length, members->err)) {
		archive_set_error(archive, EIO, "reading");
		return -1;
	}
	*bytes = piece;
	return (la_ssize_t)length;
}

static bool
blame(struct members *members, struct err *err)
{
	const char *reason = archive_error_string(members->archive);

	members->is_broken = true;
	if (members->has_failed)
		return false;
	/* Which it may not be asked before it knows what it reads. */
	if (archive_format(members->archive) == ARCHIVE_FORMAT_ZIP &&
	    archive_read_has_encrypted_entries(members->archive) == 1) {
		(void)err_set(err, FAULT_WRONG, "%s: encrypted: a zip with a password",
		              members->path); /* false below */
		return err_hint(err, "unzip it first");
	}
	return err_set(err, FAULT_WRONG, "%s: damaged or truncated: %s", members->path,
	               reason ? reason : "no reason given");
}

struct members *
members_open(const char *path, stream_pull *pull, void *from, struct arena *arena, struct err *err)
{
	struct members *members = arena_alloc(arena, sizeof *members);
	struct archive *archive = archive_read_new();

	members->archive = archive;
	members->path = path;
	members->pull = pull;
	members->from = from;
	if (archive && archive_read_support_format_tar(archive) == ARCHIVE_OK &&
	    archive_read_support_format_zip_streamable(archive) == ARCHIVE_OK)
		return members;
	err_set_(err, FAULT_SYSTEM, "%s: out of memory", path);
	members_close(&members);
	return NULL;
}

bool
members_is_broken(const struct members *members)
{
	return members->is_broken;
}

void
members_close(struct members **members)
{
	if (*members)
		(void)archive_read_free((*members)->archive); /* read only */
	*members = NULL;
}

static uint32_t
number(const char *at)
{
	const unsigned char *bytes = (const unsigned char *)at;

	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/*
 * libarchive reads a zip from its beginning and does not look at its directory, which is its end (APPNOTE 4.3.16). One of 4 GB
 * and more says nothing there.
 */
static bool
zip_has_ended(const struct members *members)
{
	for (size_t back = 22; back <= members->tail_length; back++) {
		const char *at = members->tail + members->tail_length - back;

		if (memcmp(at, "PK\5\6", 4) != 0 || (number(at + 20) & 0xffff) != back - 22)
			continue;
		return number(at + 16) == UINT32_MAX ||
		       (int64_t)number(at + 12) + number(at + 16) == members->given - (int64_t)back;
	}
	return false;
}

/* Two blocks of zeros, or more of them; libarchive is content without any. */
static bool
tar_has_ended(const struct members *members)
{
	const int64_t end = (members->data_end + BLOCK - 1) / BLOCK * BLOCK;

	return members->filled <= end && members->given - end >= 2 * BLOCK;
}

static bool
prove_end(struct members *members, struct err *err)
{
	const bool is_zip =
		(archive_format(members->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
	const char *bytes;
	size_t length;

	while (!members->is_drained)
		if (!pull_piece(members, &bytes, &length, err))
			return false;
	if (is_zip ? zip_has_ended(members) : tar_has_ended(members))
		return true;
	if (is_zip)
		return err_set(err, FAULT_WRONG,
		               "%s: truncated, or something stands behind its end: no directory "
		               "ends this zip",
		               members->path);
	return members->filled > members->data_end + BLOCK
	             ? err_set(err, FAULT_WRONG, "%s: something stands behind the end of this tar",
	                       members->path)
	             : err_set(err, FAULT_WRONG,
	                       "%s: truncated: no two blocks of zeros end this tar", members->path);
}

/* Reads what is left of a member, because libarchive compares a checksum only when it has seen all. */
static bool
finish(struct members *members, struct err *err)
{
	const char *bytes;
	size_t length;

	do {
		if (!members_pull(members, &bytes, &length, err))
			return false;
	} while (length);
	return true;
}

static enum member_kind
kind_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return MEMBER_SAME;
	return archive_entry_filetype(entry) == AE_IFREG ? MEMBER_FILE
	     : archive_entry_filetype(entry) == AE_IFDIR ? MEMBER_FOLDER
	     : archive_entry_filetype(entry) == AE_IFLNK ? MEMBER_LINK
	                                                 : MEMBER_OTHER;
}

/* What pax has in UTF-8 can be had as bytes of the locale only where the locale has such characters. */
static const char *
either(const char *bytes, const char *utf8)
{
	return bytes ? bytes : utf8;
}

static struct member
member_of(struct archive_entry *entry)
{
	const char *name =
		either(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry));
	const char *same =
		either(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry));

	return (struct member){
		.name = either(name, ""),
		.target = either(same, either(archive_entry_symlink(entry),
		                              archive_entry_symlink_utf8(entry))),
		.kind = kind_of(entry),
		.size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1,
		.mode = archive_entry_perm(entry),
		.user = archive_entry_uid(entry),
		.group = archive_entry_gid(entry),
		.changed = { .tv_sec = archive_entry_mtime(entry),
		             .tv_nsec = archive_entry_mtime_nsec(entry) },
		.has_holes = archive_entry_sparse_count(entry) > 0,
	};
}

bool
members_next(struct members *members, struct member *member, bool *at_end, struct err *err)
{
	struct archive_entry *entry;
	int state;

	members->err = err;
	if (!members->is_open &&
	    archive_read_open(members->archive, members, NULL, give, NULL) != ARCHIVE_OK)
		return blame(members, err);
	if (members->is_open && !finish(members, err))
		return false;
	members->is_open = true;
	state = archive_read_next_header(members->archive, &entry);
	*at_end = state == ARCHIVE_EOF;
	if (*at_end)
		return prove_end(members, err);
	/* A warning is about a name's encoding or an attribute that we do not use. */
	if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
		return blame(members, err);
	*member = member_of(entry);
	return true;
}

bool
members_pull(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct members *members = from;
	la_ssize_t got;

	members->err = err;
	got = archive_read_data(members->archive, members->piece, PIECE);
	if (got < 0)
		return blame(members, err);
	if (got == 0)
		members->data_end = archive_filter_bytes(members->archive, 0);
	*bytes = members->piece;
	*length = (size_t)got;
	return true;
}
