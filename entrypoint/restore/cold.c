/* See cold.h. */
#include "../stream.h"

#include "../stream/members.h"
#include "../unpack.h"
#include "cold.h"
#include "control.h"
#include "tarball.h"

#include <assert.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"

#define VERSION_LONGEST 16
/* A data directory has a link for each tablespace. */
#define LINKS_MOST 1000

/* A member that has to be looked at again when it is known where the data directory lies. */
struct noted {
	struct member member;
	char *bytes; /* its beginning, where that matters */
	size_t length;
};

struct survey {
	struct cold *cold;
	struct members *members;
	struct arena *arena;
	struct noted *noted;
	size_t count, links;
};

/* Files at the top of a data directory that people should know of, and those that are not restored. */
static const struct remark {
	const char *name;
	bool is_taken;
	const char *words;
} remarks[] = {
	{ "postmaster.pid", false,
	  "has a postmaster.pid, so it was taken while the server ran, or after a crash" },
	{ "postmaster.opts", false, NULL },
	{ "backup_label", true, NULL },
	{ "standby.signal", true, "has a standby.signal: the server will start as a standby" },
	{ "recovery.signal", true, "has a recovery.signal: the server will start with a recovery" },
};

static const struct remark *
find_remark(const char *name)
{
	for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
		if (strcmp(remarks[i].name, name) == 0)
			return &remarks[i];
	return NULL;
}

/* An unpacking.takes. */
static bool
takes(const char *name)
{
	const struct remark *remark = find_remark(name);

	return !remark || remark->is_taken;
}

void
cold_unpacking(const struct cold *cold, struct unpacking *unpacking)
{
	*unpacking = (struct unpacking){
		.below = cold->below, .takes = takes, .modes = 0700, .most = cold->bytes
	};
}

static struct noted *
note(struct survey *survey, const struct member *member)
{
	struct noted *noted;

	survey->noted =
		arena_grow(survey->arena, survey->noted, survey->count, sizeof *survey->noted);
	noted = &survey->noted[survey->count++];
	*noted = (struct noted){ .member = *member };
	noted->member.name = arena_copy(survey->arena, member->name);
	if (member->target)
		noted->member.target = arena_copy(survey->arena, member->target);
	return noted;
}

/* Of a zip the size may stand behind the data only. */
static bool
pull(struct survey *survey, const struct member *member, const char **bytes, size_t *length,
     struct err *err)
{
	if (!members_pull(survey->members, bytes, length, err))
		return false;
	if (member->size < 0)
		survey->cold->bytes += (int64_t)*length;
	return true;
}

static bool
count_bytes(struct survey *survey, const struct member *member, struct err *err)
{
	const char *bytes;
	size_t length;

	do {
		if (!pull(survey, member, &bytes, &length, err))
			return false;
	} while (length);
	return true;
}

static bool
note_bytes(struct survey *survey, const struct member *member, size_t most, struct err *err)
{
	struct noted *noted = note(survey, member);
	struct text text = text_new(survey->arena);
	const char *bytes;
	size_t length;

	do {
		if (!pull(survey, member, &bytes, &length, err))
			return false;
		text_add_n(&text, bytes, length < most - text.length ? length : most - text.length);
	} while (length);
	noted->bytes = text.at;
	noted->length = text.length;
	return true;
}

static bool
note_link(struct survey *survey, const struct member *member, struct err *err)
{
	if (++survey->links > LINKS_MOST)
		return err_set(err, FAULT_WRONG, "%s: has more than %d links and devices",
		               survey->cold->path, LINKS_MOST);
	note(survey, member);
	return true;
}

static bool
take_member(struct survey *survey, const struct member *member, struct err *err)
{
	const struct unpacking anywhere = { .below = "" };
	const char *base = folder_base_name(member->name);
	struct arena scratch = { 0 };
	struct placed placed;
	bool may;

	if (member->kind != MEMBER_FILE && member->kind != MEMBER_FOLDER)
		return note_link(survey, member, err);
	may = unpack_judge(&placed, member, &anywhere, survey->cold->path, &scratch, err);
	arena_drop(&scratch);
	if (!may || member->kind == MEMBER_FOLDER)
		return may;
	survey->cold->files++;
	survey->cold->bytes += member->size > 0 ? member->size : 0;
	if (strcmp(base, "pg_control") == 0)
		return note_bytes(survey, member, CONTROL_LONGEST, err);
	if (strcmp(base, "PG_VERSION") == 0)
		return note_bytes(survey, member, VERSION_LONGEST, err);
	if (find_remark(base))
		note(survey, member);
	return member->size >= 0 || count_bytes(survey, member, err);
}

/* Where a member lies below the data directory; NULL: elsewhere. It was judged, or is a link. */
static const char *
place_of(const struct survey *survey, const struct member *member, const char *below)
{
	const struct unpacking unpacking = { .below = below };
	const struct member plain = { .name = member->name, .kind = MEMBER_FOLDER };
	struct err ignored = { 0 };
	struct placed placed;

	return unpack_judge(&placed, &plain, &unpacking, survey->cold->path, survey->arena,
	                    &ignored)
	             ? placed.name
	             : NULL;
}

/* has_bytes: one that was read, so no link. */
static const struct noted *
find_noted(const struct survey *survey, const char *below, const char *name, bool has_bytes)
{
	for (size_t i = 0; i < survey->count; i++) {
		const char *place = place_of(survey, &survey->noted[i].member, below);

		if (place && strcmp(place, name) == 0 && (survey->noted[i].bytes || !has_bytes))
			return &survey->noted[i];
	}
	return NULL;
}

/* Each pg_control with a PG_VERSION where the directory begins. */
static bool
find_below(struct survey *survey, struct err *err)
{
	struct cold *cold = survey->cold;

	for (size_t i = 0; i < survey->count; i++) {
		const char *whole = place_of(survey, &survey->noted[i].member, "");
		const size_t length = whole ? strlen(whole) : 0;
		const size_t end = strlen("global/pg_control");
		const char *below;

		if (!survey->noted[i].bytes || length < end ||
		    strcmp(whole + length - end, "global/pg_control") != 0)
			continue;
		below = arena_copy_n(survey->arena, whole, length > end ? length - end - 1 : 0);
		if (!find_noted(survey, below, "PG_VERSION", true))
			continue;
		if (cold->below)
			return err_set(err, FAULT_WRONG,
			               "%s: holds several data directories: %s and %s", cold->path,
			               *cold->below ? cold->below : ".", *below ? below : ".");
		cold->below = below;
	}
	return cold->below || err_set(err, FAULT_WRONG,
	                              "%s: no data directory: no file PG_VERSION beside a "
	                              "file global/pg_control",
	                              cold->path);
}

static bool
read_control(struct survey *survey, struct err *err)
{
	static const char *const words[] = {
		[CONTROL_GOOD] = NULL,
		[CONTROL_SHORT] = "it is too short",
		[CONTROL_SWAPPED] = "it is of a machine with the other byte order",
		[CONTROL_DAMAGED] = "its checksum does not hold",
	};
	struct cold *cold = survey->cold;
	const struct noted *noted = find_noted(survey, cold->below, "global/pg_control", true);
	enum control_verdict verdict;

	assert(noted); /* find_below has seen it */
	cold->control = arena_alloc(survey->arena, sizeof *cold->control);
	verdict = control_read(cold->control, noted->bytes, noted->length);
	return verdict == CONTROL_GOOD ||
	       err_set(err, FAULT_WRONG, "%s: global/pg_control: %s", cold->path, words[verdict]);
}

static void
read_version(struct survey *survey)
{
	struct cold *cold = survey->cold;
	const struct noted *noted = find_noted(survey, cold->below, "PG_VERSION", true);

	assert(noted); /* find_below has seen it */
	cold->version = arena_copy_n(survey->arena, noted->bytes, strcspn(noted->bytes, "\r\n"));
	cold->user = noted->member.user;
	cold->group = noted->member.group;
}

/* Are its files copies that belong together? backup_label says that the server will see to it. */
static void
judge_state(const struct survey *survey, struct text *page)
{
	const struct cold *cold = survey->cold;

	if (cold->has_label)
		text_add(page, "has a backup_label: it is a base backup, and whole only with its "
		               "WAL in pg_wal\n");
	else if (!control_is_at_rest(cold->control))
		text_print(page,
		           "pg_control says \"%s\": unless it is a snapshot of the volume, its "
		           "files are of different moments; what was taken from a stopped server, "
		           "or a dump, is better\n",
		           control_state(cold->control));
}

static void
read_remarks(struct survey *survey)
{
	struct text page = text_new(survey->arena);

	survey->cold->has_label = find_noted(survey, survey->cold->below, "backup_label", false);
	for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
		if (remarks[i].words &&
		    find_noted(survey, survey->cold->below, remarks[i].name, false))
			text_print(&page, "%s\n", remarks[i].words);
	judge_state(survey, &page);
	survey->cold->remarks = page.at;
}

static const char *
hint_of(const char *place)
{
	if (strncmp(place, "pg_tblspc/", strlen("pg_tblspc/")) == 0)
		return "the files of a tablespace lie elsewhere: restore a dump, or unpack both by "
		       "hand";
	if (strcmp(place, "pg_wal") == 0)
		return "its WAL lies elsewhere, and without it the server does not start: restore "
		       "a dump, or unpack both by hand";
	return "a data directory has no such thing: look where the archive comes from";
}

/* What was no file and no folder. */
static bool
judge_links(struct survey *survey, struct err *err)
{
	struct unpacking unpacking;

	cold_unpacking(survey->cold, &unpacking);
	for (size_t i = 0; i < survey->count; i++) {
		const struct member *member = &survey->noted[i].member;
		struct placed placed;
		const char *place;

		if (unpack_judge(&placed, member, &unpacking, survey->cold->path, survey->arena,
		                 err))
			continue;
		place = place_of(survey, member, survey->cold->below);
		return place ? err_hint(err, "%s", hint_of(place)) : false;
	}
	return true;
}

static bool
read_members(struct survey *survey, struct err *err)
{
	struct member member;
	bool at_end;

	for (;;) {
		if (!members_next(survey->members, &member, &at_end, err))
			return false;
		if (at_end)
			return true;
		if (!take_member(survey, &member, err))
			return false;
	}
}

bool
cold_read(struct cold *cold, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(tarball_close) struct tarball tarball = { .file = -1 };
	struct survey survey = { .cold = cold, .arena = arena };

	*cold = (struct cold){ .path = path };
	if (!tarball_open(&tarball, path, arena, err))
		return false;
	survey.members = tarball.members;
	if (!read_members(&survey, err) || !find_below(&survey, err) ||
	    !read_control(&survey, err) || !judge_links(&survey, err))
		return false;
	read_version(&survey);
	read_remarks(&survey);
	return true;
}
