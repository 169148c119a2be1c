/* What the name of a backup says, and a manifest beside it. See candidate.h. */
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../config.h"
#include "../folder.h"
#include "candidate.h"
#include "moment.h"

#define MOST 24 /* words of a name that are looked at */

/* What a name may end with, behind what it says; and what only belongs to a backup. */
static const char *const endings[] = { ".gz",  ".zst",  ".xz",     ".bz2",    ".lz4",
	                               ".tgz", ".tbz2", ".txz",    ".tzst",   ".tar",
	                               ".sql", ".psql", ".dump",   ".dmp",    ".backup",
	                               ".bak", ".zip",  ".pgdump", ".custom", ".gpg",
	                               ".age", ".enc",  ".pg",     ".dir",    NULL };
static const char *const companions[] = { ".sha256", ".sha256sum", ".sha512",  ".sha1",
	                                  ".md5",    ".md5sum",    ".meta",    ".json",
	                                  ".txt",    ".log",       ".asc",     ".sig",
	                                  ".part",   ".tmp",       ".partial", ".inprogress",
	                                  ".ini",    ".yml",       ".yaml",    ".manifest",
	                                  ".list",   ".md",        ".sh",      NULL };

/* The words of a name, in small letters, without its endings and its time. */
struct naming {
	const char *words[MOST];
	size_t count;
	size_t behind; /* the first behind the time */
	bool has_latest;
};

static size_t
ending_length(const char *name, size_t length, const char *const *list)
{
	for (; *list; list++) {
		const size_t size = strlen(*list);

		if (length > size && strncasecmp(name + length - size, *list, size) == 0)
			return size;
	}
	return 0;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static void
add_words(struct naming *naming, const char *at, size_t length, struct arena *arena)
{
	size_t i = 0;

	while (i < length && naming->count < MOST) {
		size_t end = i;
		char *word;

		while (end < length && is_letter(at[end]))
			end++;
		if (end > i) {
			word = arena_copy_n(arena, at + i, end - i);
			for (char *c = word; *c; c++)
				if (*c >= 'A' && *c <= 'Z')
					*c = (char)(*c - 'A' + 'a');
			if (strcmp(word, "latest") == 0)
				naming->has_latest = true;
			else
				naming->words[naming->count++] = word;
		}
		i = end + 1;
	}
}

static bool
has(const struct naming *naming, size_t i, const char *const *words)
{
	for (; i < naming->count && *words; words++)
		if (strcmp(naming->words[i], *words) == 0)
			return true;
	return false;
}

#define IS(naming, i, ...) has(naming, i, (const char *const[]){ __VA_ARGS__, NULL })

/* How many words in front tell the kind; 0: none do. */
static size_t
read_kind(const struct naming *naming, enum backup_kind *kind)
{
	if (IS(naming, 0, "pre", "before") || IS(naming, 0, "premigration", "prerestore")) {
		*kind = BACKUP_EARLIER;
		return 1;
	}
	if (IS(naming, 0, "test")) {
		*kind = BACKUP_TEST;
		return 1;
	}
	if (IS(naming, 0, "full") && IS(naming, 1, "backup")) {
		*kind = BACKUP_FULL;
		return 2;
	}
	*kind = BACKUP_DATABASE;
	if (IS(naming, 0, "db", "database") && IS(naming, 1, "backup"))
		return 2;
	return IS(naming, 0, "backup");
}

static bool
is_of_volume(const struct naming *naming)
{
	for (size_t i = 0; i < naming->count; i++)
		if (IS(naming, i, "volume", "volumes") ||
		    (IS(naming, i + 1, "backup") &&
		     IS(naming, i, "media", "static", "uploads", "files")))
			return true;
	return false;
}

static const char *
known_word(const char *word)
{
	return strcmp(word, "stage") == 0 ? "staging" : config_environment(word);
}

/* Any word that is the name of an environment, wherever it stands; of two different ones no environment is like the other. */
static const char *
known_environment(const struct naming *naming, struct arena *arena)
{
	const char *found = NULL;

	for (size_t i = 0; i < naming->count; i++) {
		const char *one = known_word(naming->words[i]);

		if (one && i > 0 && IS(naming, i - 1, "pre"))
			return arena_join(arena, "pre_", one, "");
		if (one && found && strcmp(one, found) != 0)
			return arena_join(arena, found, " and ", one);
		found = one ? one : found;
	}
	return found;
}

/* All words from one to another. */
static const char *
joined(const struct naming *naming, size_t from, size_t end, struct arena *arena)
{
	const char *text = NULL;

	for (size_t i = from; i < end; i++)
		text = text ? arena_join(arena, text, "_", naming->words[i]) : naming->words[i];
	return text;
}

/* Beside an environment these say what else the backup is. */
static bool
is_remark(const struct naming *naming, size_t i)
{
	return IS(naming, i, "full", "db", "database", "backup", "dump", "manual", "auto", "hourly",
	          "daily", "nightly", "weekly", "monthly");
}

/*
 * What stands from there to the time is an environment, known or not. In front of a known one may be the application's name;
 * behind it, or `pre` before it, is another one: test_eu, pre-prod.
 */
static const char *
environment_from(const struct naming *naming, size_t from, struct arena *arena)
{
	const char *known = NULL;
	bool is_other = false;

	for (size_t i = from; i < naming->behind; i++) {
		const char *one = known_word(naming->words[i]);

		if (one && known && strcmp(known, one) != 0)
			return NULL; /* of two */
		is_other = is_other || (one ? i > from && IS(naming, i - 1, "pre")
		                            : known && !is_remark(naming, i));
		known = one ? one : known;
	}
	return known && !is_other ? known : joined(naming, from, naming->behind, arena);
}

/* The word behind `backup` in the name of an archive of files. */
static size_t
behind_backup(const struct naming *naming)
{
	size_t i = 0;

	while (i < naming->behind && !IS(naming, i, "backup"))
		i++;
	return i + 1;
}

/* As we write it: backup_ENVIRONMENT_TIME, media_backup_ENVIRONMENT_TIME; else any word that is known. */
static const char *
find_environment(const struct naming *naming, size_t from, struct arena *arena)
{
	const char *found = from ? environment_from(naming, from, arena) : NULL;

	if (!found)
		found = known_environment(naming, arena);
	return found || !from ? found : joined(naming, naming->behind, naming->count, arena);
}

static void
decide(struct candidate *candidate, const struct naming *naming, struct arena *arena)
{
	const size_t taken = read_kind(naming, &candidate->kind);
	const bool is_volume = is_of_volume(naming);
	const bool is_plain = taken == 1 && candidate->kind == BACKUP_DATABASE;
	const size_t from = is_volume ? behind_backup(naming) : is_plain ? 1 : 0;

	candidate->environment = find_environment(naming, from, arena);
	candidate->words = from ? joined(naming, from, naming->behind, arena) : NULL;
	if (is_volume)
		candidate->kind = BACKUP_VOLUME;
	else if (!taken && naming->count && !candidate->is_latest &&
	         !(naming->count == 1 && candidate->environment))
		candidate->kind = BACKUP_UNKNOWN;
}

const char *
candidate_name(const char *path)
{
	const char *base = folder_base_name(path);

	return *base ? base : path; /* a folder with its slash */
}

bool
candidate_read(struct candidate *candidate, const char *name, struct arena *arena)
{
	size_t length = strlen(name), start = 0, of_time = 0, end;
	struct moment *moment = arena_alloc(arena, sizeof *moment);
	struct naming naming = { 0 };
	const char *stem;

	*candidate = (struct candidate){ .name = name };
	if (*name == '.' || name[strlen(name) - 1] == '~' ||
	    ending_length(name, length, companions))
		return false;
	while ((end = ending_length(name, length, endings)))
		length -= end;
	stem = arena_copy_n(arena, name, length);
	if (moment_find(stem, moment, &start, &of_time))
		candidate->when = moment;
	add_words(&naming, stem, start, arena);
	naming.behind = naming.count;
	add_words(&naming, stem + start + of_time, length - start - of_time, arena);
	if (!candidate->when)
		naming.behind = naming.count;
	candidate->is_latest = naming.has_latest;
	decide(candidate, &naming, arena);
	return true;
}

/* The value of a line, without what quotes and separates it; NULL: this is another line. */
static const char *
value_of(const char *line, size_t length, const char *const *keys, struct arena *arena)
{
	static const char around[] = " \t\r\"',{}";
	const char *end = line + length, *key = line + strspn(line, around), *value;

	for (; *keys; keys++) {
		const size_t size = strlen(*keys);

		if (key + size >= end || strncasecmp(key, *keys, size) != 0 ||
		    is_letter(key[size]) || key[size] == '_')
			continue;
		value = key + size + strspn(key + size, " \t\"'");
		if (value >= end || (*value != '=' && *value != ':'))
			continue;
		value++;
		value += strspn(value, around);
		while (end > value && strchr(around, end[-1]))
			end--;
		return end > value ? arena_copy_n(arena, value, (size_t)(end - value)) : NULL;
	}
	return NULL;
}

/* Where name and manifest do not agree, it is of neither. */
static void
take_environment(struct candidate *candidate, const char *said, struct arena *arena)
{
	const char *known = config_environment(said);
	const char *old = candidate->environment;
	const bool is_named = candidate->words && candidate_is_same(candidate->words, said);

	if (known)
		said = known;
	candidate->environment = old && !is_named && !candidate_is_same(old, said)
	                               ? arena_join(arena, old, " and ", said)
	                               : said;
	candidate->words = NULL;
}

/* A name that only a person may choose stays such a one. */
static void
take_kind(struct candidate *candidate, const char *said)
{
	if (strcasecmp(said, "full") == 0)
		candidate->kind = BACKUP_FULL;
	else if (strcasecmp(said, "database") == 0 || strcasecmp(said, "db") == 0)
		candidate->kind = BACKUP_DATABASE;
	else if (strncasecmp(said, "pre", 3) == 0)
		candidate->kind = BACKUP_EARLIER;
}

static void
take_line(struct candidate *candidate, const char *line, size_t length, struct arena *arena)
{
	static const char *const environments[] = { "environment", "env", "backup_environment",
		                                    NULL };
	static const char *const dates[] = { "date",       "backup_date", "timestamp",
		                             "created_at", "created",     "backup_timestamp",
		                             "started_at", NULL };
	static const char *const kinds[] = { "kind", "type", "backup_type", NULL };
	const char *environment = value_of(line, length, environments, arena);
	const char *date = value_of(line, length, dates, arena);
	const char *kind = value_of(line, length, kinds, arena);
	struct moment *moment = arena_alloc(arena, sizeof *moment);
	size_t start, size;

	if (environment)
		take_environment(candidate, environment, arena);
	if (date && moment_find(date, moment, &start, &size))
		candidate->when = moment;
	if (kind && candidate->kind != BACKUP_EARLIER && candidate->kind != BACKUP_TEST)
		take_kind(candidate, kind);
}

/* What JSON has in one line, too. */
static void
take_parts(struct candidate *candidate, const char *line, size_t length, struct arena *arena)
{
	const char *const end = line + length;

	while (line < end) {
		const size_t part = strcspn(line, "\n,{}");

		take_line(candidate, line, part, arena);
		line += part + 1;
	}
}

void
candidate_read_manifest(struct candidate *candidate, const char *text, struct arena *arena)
{
	/* The last of ours (restore/manifest.h), with names that can hold anything. */
	while (*text && strncmp(text, "rows ", 5) != 0) {
		const size_t length = strcspn(text, "\n");

		if (strncmp(text, "SHA256 (", 8) != 0)
			take_parts(candidate, text, length, arena);
		text += length + (text[length] != '\0');
	}
}
