/* See container.h. */
#include "../stream.h"

#include <stdint.h>

#include "../stream/members.h"
#include "container.h"
#include "content.h"
#include "early.h"
#include "kind.h"
#include "parts.h"
#include "prove.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "reader.h"

/* Of some dumps the last one. */
struct pick {
	size_t count, at;
	int64_t size;
	const char *name;
};

struct walk {
	struct found *found;
	const struct reader *reader;
	struct members *members;
	const char *path;
	int depth;
	struct arena *arena;
	const char *front; /* kind.h */
	struct members_seen seen;
	struct parts *parts;
	bool is_toc_there, has_toc_itself; /* a file of that name; with that content */
	bool begins_with_toc, has_script;  /* as pg_dump -Ft writes it */
	size_t parts_there, number;        /* the number of the member, from 1 */
	int64_t parts_size;
	struct pick dumps, named_dumps;
	struct err backup,
		part; /* the first that is damaged, of those that are backups, of pg_dump's files */
	int64_t files, bytes; /* of the others */
	int64_t pulled;       /* of those that nobody reads */
	enum cover cover;     /* of all backups in it */
	char version[16];     /* PG_VERSION */
};

bool
container_is_bomb(int64_t unpacked, int64_t packed)
{
	return unpacked > 1000000000 && unpacked / 500 > packed;
}

/* What nobody looks into; holes in a sparse file come as zeros. */
static bool
read_over(struct walk *walk, struct err *err)
{
	const char *bytes;
	size_t length;

	do {
		if (!members_pull(walk->members, &bytes, &length, err))
			return false;
		walk->pulled += (int64_t)length;
		if (container_is_bomb(walk->pulled, reader_taken(walk->reader)))
			return err_set(
				err, FAULT_WRONG,
				"%s: a bomb: %lld MB come out of %lld kB, and more is to come",
				walk->path, (long long)walk->pulled / 1000000,
				(long long)reader_taken(walk->reader) / 1000);
	} while (length);
	return true;
}

/* Only what belongs to the backup counts, and what that is tells the last member: so it is kept. */
static bool
note_damage(const struct walk *walk, struct err *first, struct err *err)
{
	if (err->fault != FAULT_WRONG || members_is_broken(walk->members))
		return false;
	if (first->fault == FAULT_NONE)
		*first = *err;
	err_clear(err);
	return true;
}

/* One of pg_dump's files in a tar. */
static bool
take_part(struct walk *walk, const char *name, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(reader_close) struct reader *reader = NULL;
	const char *path = arena_join(&arena, walk->path, ": ", name), *head;
	bool is_whole;
	size_t length;

	if (!reader_open_on(&reader, members_pull, walk->members, path, &arena, err))
		return note_damage(walk, &walk->part, err);
	head = reader_head(reader, &length);
	walk->has_toc_itself |= kind_of(head, length) == KIND_TOC;
	is_whole = parts_add(walk->parts, folder_base_name(name), reader, path, err);
	walk->parts_size += reader_taken(reader);
	return is_whole || note_damage(walk, &walk->part, err);
}

/* What is in a member, below its name. */
static void
list_backup(struct walk *walk, const char *name, const struct found *inner, struct arena *arena)
{
	const char *line = inner->list->at, *newline;

	content_list(walk->found, arena_print(arena, "%s: %s%s%s, %s", name,
	                                      kind_words(inner->kind), *inner->codecs ? ", " : "",
	                                      inner->codecs, prove_size(inner->unpacked, arena)));
	for (; (newline = strchr(line, '\n')); line = newline + 1)
		content_list(walk->found,
		             arena_join(arena, "  ",
		                        arena_copy_n(arena, line, (size_t)(newline - line)), ""));
	if (inner->kind == KIND_DUMP || inner->kind == KIND_CLUSTER || inner->kind == KIND_CUSTOM ||
	    inner->kind == KIND_PARTS) {
		walk->found->server = arena_copy(walk->arena, inner->server);
		walk->found->tool = arena_copy(walk->arena, inner->tool);
		walk->found->database = arena_copy(walk->arena, inner->database);
		walk->found->created = arena_copy(walk->arena, inner->created);
		walk->found->has_crlf = inner->has_crlf;
	}
}

static void
pick(struct walk *walk, struct pick *pick, const char *name, int64_t size)
{
	*pick = (struct pick){ pick->count + 1, walk->number, size, arena_copy(walk->arena, name) };
}

/* What it was before, only its name tells: empty, encrypted, or garbled under a name that no other file has. */
static bool
is_hidden(const char *name, enum kind kind)
{
	return kind == KIND_EMPTY || kind == KIND_GPG || kind == KIND_AGE || kind == KIND_OPENSSL ||
	       kind == KIND_UTF16 ||
	       ((kind == KIND_BINARY || kind == KIND_TEXT) &&
	        (strcasestr(name, ".sql") || strcasestr(name, ".dump")));
}

/*
 * What a member turned out to be; one that should be a dump and is empty, encrypted or garbled is a damaged one. False: it is
 * known to be nothing of a backup, whatever its name says.
 */
static bool
count_backup(struct walk *walk, const char *name, enum kind kind, bool is_known)
{
	const bool is_named = kind_is_named_dump(name);
	const bool is_archive = is_known ? kind == KIND_TAR || kind == KIND_ZIP ||
	                                           kind == KIND_VOLUME || kind == KIND_PGDATA
	                                 : strstr(name, ".tar") || strstr(name, ".tgz");

	if ((is_known && (kind_is_dump(kind) || kind == KIND_BUNDLE)) ||
	    (!is_archive && is_named && (!is_known || is_hidden(name, kind)))) {
		walk->seen.dumps++;
		walk->seen.named_dumps += is_named;
		return true;
	}
	if (is_archive)
		walk->seen.archives++;
	else
		walk->seen.others++;
	return is_archive || !is_known || is_hidden(name, kind);
}

/* A member that may be a dump or an archive, by its name. */
static bool
take_backup(struct walk *walk, const char *name, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(reader_close) struct reader *reader = NULL;
	struct found inner = { .kind = KIND_BINARY };
	struct err foreign = { 0 };
	bool belongs;
	const char *path = arena_join(&arena, walk->path, ": ", name);
	const bool is_open =
		reader_open_on(&reader, members_pull, walk->members, path, &arena, err);
	const bool is_whole =
		is_open && content_prove(&inner, reader, path, walk->depth + 1, &arena, err);

	if (is_open)
		list_backup(walk, name, &inner, &arena);
	belongs = count_backup(walk, name, inner.kind, is_open);
	if (!is_whole)
		return note_damage(walk, belongs ? &walk->backup : &foreign, err);
	if (kind_is_dump(inner.kind) || inner.kind == KIND_BUNDLE) {
		pick(walk, &walk->dumps, name, reader_taken(reader));
		if (kind_is_named_dump(name))
			pick(walk, &walk->named_dumps, name, reader_taken(reader));
	}
	if (inner.cover < walk->cover)
		walk->cover = inner.cover;
	return true;
}

static bool
take_version(struct walk *walk, struct err *err)
{
	const char *bytes;
	size_t length;

	walk->seen.has_version = true;
	if (walk->version[0])
		return true;
	if (!members_pull(walk->members, &bytes, &length, err))
		return false;
	for (size_t i = 0; i < length && i < sizeof walk->version - 1 && bytes[i] > ' '; i++)
		walk->version[i] = bytes[i];
	return true;
}

static bool
take_member(struct walk *walk, const struct member *member, struct err *err)
{
	const char *name = member->name;
	enum role role = kind_role_behind(name, walk->front);

	/* Those of pg_dump are looked for by their own names (extract.h). */
	if (role != ROLE_BACKUP && role != ROLE_NOTE)
		role = kind_role(name);
	walk->files++;
	walk->bytes += member->size > 0 ? member->size : 0;
	switch (role) {
	case ROLE_TOC:
		walk->is_toc_there = true;
		walk->begins_with_toc |= walk->number == 1 && strcmp(name, "toc.dat") == 0;
		return take_part(walk, name, err);
	case ROLE_PART:
		walk->seen.others++;
		walk->parts_there++;
		walk->has_script |= strcmp(name, "restore.sql") == 0;
		return take_part(walk, name, err);
	case ROLE_BACKUP:
		return take_backup(walk, name, err);
	case ROLE_NOTE:
		walk->seen.notes++;
		break;
	case ROLE_VERSION:
		walk->seen.others++;
		return take_version(walk, err);
	case ROLE_CONTROL:
		walk->seen.has_control = true;
		break;
	case ROLE_OTHER:
		walk->seen.others++;
		break;
	}
	return read_over(walk, err);
}

static bool
judge_parts(struct walk *walk, bool is_zip, struct err *err)
{
	struct found *found = walk->found;
	bool is_whole;

	found->is_tar_of_pg_dump = walk->begins_with_toc && walk->has_script && !is_zip;
	if (!found->is_tar_of_pg_dump)
		found->needed = walk->parts_size;
	if (walk->part.fault) {
		*err = walk->part;
		return false;
	}
	is_whole = parts_prove(walk->parts, walk->path, err);
	if (parts_toc(walk->parts))
		content_take_toc(walk->found, parts_toc(walk->parts), walk->arena);
	/* From a tar pg_restore takes data in their order only. */
	if (is_whole && !found->is_tar_of_pg_dump)
		found->order = early_list(parts_toc(walk->parts), walk->arena);
	return is_whole;
}

/* Of several dumps those count that are named like one. */
static bool
judge_bundle(struct walk *walk, struct err *err)
{
	const struct pick *pick = walk->named_dumps.count ? &walk->named_dumps : &walk->dumps;
	struct found *found = walk->found;

	found->dumps = pick->count;
	found->other_dumps = walk->dumps.count - pick->count;
	found->archives = walk->seen.archives;
	if (pick->count) {
		found->dump = pick->name;
		found->dump_at = pick->at;
		found->needed = pick->size;
	}
	if (walk->cover > COVER_NONE)
		found->cover = COVER_DATA;
	*err = walk->backup;
	return walk->backup.fault == FAULT_NONE;
}

/* All members have come by. */
static bool
judge(struct walk *walk, bool is_zip, struct err *err)
{
	struct found *found = walk->found;

	/* One that is damaged at its very beginning has its like beside it. */
	walk->seen.has_toc = walk->has_toc_itself || (walk->is_toc_there && walk->parts_there);
	found->kind = kind_of_members(&walk->seen);
	/* A zip's checksums are over what its members hold, as those of what is in a tar. */
	found->cover = is_zip ? COVER_DATA : COVER_NONE;
	if (found->kind == KIND_PARTS) {
		if (parts_are_checked(walk->parts))
			found->cover = COVER_DATA;
		return judge_parts(walk, is_zip, err);
	}
	if (found->kind == KIND_BUNDLE)
		return judge_bundle(walk, err);
	*found->list = text_new(walk->arena);
	if (found->kind == KIND_PGDATA)
		found->server = arena_copy(walk->arena, walk->version);
	content_list(found, arena_print(walk->arena, "%lld files, %s", (long long)walk->files,
	                                prove_size(walk->bytes, walk->arena)));
	return true;
}

static bool
walk_members(struct walk *walk, struct err *err)
{
	const bool is_zip = walk->found->kind == KIND_ZIP;
	struct member member;
	bool at_end;

	for (;;) {
		if (!members_next(walk->members, &member, &at_end, err))
			return false;
		if (at_end)
			return judge(walk, is_zip, err);
		if (walk->number++ == 0)
			walk->front =
				arena_copy_n(walk->arena, member.name,
			                     kind_front(member.name, member.kind == MEMBER_FOLDER));
		if (member.kind == MEMBER_FILE && !take_member(walk, &member, err))
			return false;
		if (member.kind != MEMBER_FILE && member.kind != MEMBER_FOLDER)
			walk->seen.others++;
	}
}

bool
container_prove(struct found *found, struct reader *reader, const char *path, int depth,
                struct arena *arena, struct err *err)
{
	SCOPED(arena_drop) struct arena own = { 0 };
	SCOPED(members_close)
	struct members *members = members_open(path, reader_pull, reader, &own, err);
	struct walk *walk = arena_alloc(&own, sizeof *walk);

	if (!members)
		return false;
	*walk = (struct walk){ .found = found,
		               .reader = reader,
		               .members = members,
		               .path = path,
		               .depth = depth,
		               .arena = arena,
		               .parts = parts_new(&own),
		               .cover = COVER_ALL };
	return walk_members(walk, err);
}

bool
container_pass(struct reader *reader, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena own = { 0 };
	SCOPED(members_close)
	struct members *members = members_open(path, reader_pull, reader, &own, err);
	struct walk walk = { .reader = reader, .members = members, .path = path };
	struct member member;
	bool at_end = false;

	while (members && members_next(members, &member, &at_end, err) && !at_end)
		if (!read_over(&walk, err))
			return false;
	return at_end;
}
