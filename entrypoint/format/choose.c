/* Which tool's files are these? See format.h. */
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../format.h"
#include "../script.h"
#include "name.h"
#include "section.h"

/* Tools whose files are told by a comment at their top, and what it looks like. */
static const struct {
	const char *format;
	struct heading (*read)(const char *line, size_t length);
	const char *looks, *down;
} markers[] = {
	{ "dbmate", heading_dbmate, "-- migrate:up", "-- migrate:down" },
	{ "goose", heading_goose, "-- +goose Up", "-- +goose Down" },
	{ "node-pg-migrate", heading_node_pg_migrate, "-- Up Migration", "-- Down Migration" },
};

#define MARKERS (sizeof markers / sizeof *markers)

/*
 * node-pg-migrate takes more words behind its heading, and `-- up migration of users` may be anybody's: only with a section
 * to undo it is surely that tool's.
 */
static bool
is_meant(size_t marker, const char *line, size_t length)
{
	static const char last[] = "migration";

	if (markers[marker].read != heading_node_pg_migrate)
		return true;
	while (length && strchr(" \t\r", line[length - 1]))
		length--;
	if (length >= strlen(last) &&
	    strncasecmp(line + length - strlen(last), last, strlen(last)) == 0)
		return true;
	for (const char *at = line; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (heading_node_pg_migrate(at, strcspn(at, "\n")).section == HEADING_DOWN)
			return true;
	}
	return false;
}

/* The index of the tool that a heading among the comments at the top belongs to, or MARKERS. */
static size_t
find_marker(const char *text)
{
	for (const char *line = text; *line;) {
		const size_t length = strcspn(line, "\n");
		const char *at = line + strspn(line, " \t\r");

		for (size_t i = 0; i < MARKERS; i++)
			if (markers[i].read(line, length).section != HEADING_NONE &&
			    is_meant(i, line, length))
				return i;
		if (strncmp(at, "--", 2) != 0 && *at != '\n' && *at)
			break;
		line += length + (line[length] == '\n');
	}
	return MARKERS;
}

const struct format *
format_by_marker(const char *text, const char **looks)
{
	const size_t marker = find_marker(text);

	if (marker == MARKERS)
		return NULL;
	*looks = markers[marker].looks;
	return format_find(markers[marker].format);
}

const char *
format_down_of(const struct format *format, const char *file, const char *name, struct arena *arena)
{
	for (size_t i = 0; i < MARKERS && !folder_name_ends(file, ".up.sql"); i++)
		if (strcmp(markers[i].format, format->name) == 0)
			return arena_print(arena, "write its section `%s`", markers[i].down);
	if (strcmp(format->name, "flyway") == 0)
		return arena_print(arena, "write U%s beside it", file + 1);
	return arena_print(arena, "write %s.down.sql beside it", name);
}

static bool
is_flyway(const char *name, struct arena *arena)
{
	struct stem stem;

	return *name == 'V' && folder_name_ends(name, ".sql") &&
	       stem_flyway(&stem, arena_copy_n(arena, name, strlen(name) - strlen(".sql")), arena);
}

/* Several tools have such files: the first is what they are where no history tells. */
static const struct format *
one_of(const struct format ***candidates, const char *first, const char *second, const char *third,
       struct arena *arena)
{
	const struct format **list = arena_alloc(arena, 4 * sizeof *list);

	list[0] = format_find(first);
	list[1] = format_find(second);
	list[2] = third ? format_find(third) : NULL;
	*candidates = list;
	return list[0];
}

static const char *
first_that(const char *const *names, size_t count, const char *ending)
{
	for (size_t i = 0; i < count; i++)
		if (folder_name_ends(names[i], ending))
			return names[i];
	return NULL;
}

/* The first that is neither a down file nor one of a pair nor repeatable. */
static const char *
first_plain(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (folder_name_ends(names[i], ".sql") && !folder_name_ends(names[i], ".up.sql") &&
		    !folder_name_ends(names[i], ".down.sql") && *names[i] >= '0' &&
		    *names[i] <= '9')
			return names[i];
	return NULL;
}

const struct format *
format_by_files(const char *const *names, size_t count, const char *first,
                const struct format ***candidates, const char **evidence, struct arena *arena)
{
	const char *plain = first_plain(names, count), *up = first_that(names, count, ".up.sql");
	const size_t marker = first ? find_marker(first) : MARKERS;

	*candidates = NULL;
	*evidence = "there are no files of another tool";
	for (size_t i = 0; i < count; i++)
		if (is_flyway(names[i], arena)) {
			*evidence = arena_print(arena, "%s is named as Flyway does", names[i]);
			return format_find("flyway");
		}
	if (marker < MARKERS) {
		*evidence =
			arena_print(arena, "%s has a line like `%s`", plain, markers[marker].looks);
		return format_find(markers[marker].format);
	}
	if (up) {
		*evidence =
			arena_print(arena, "%s is named as golang-migrate does, and others", up);
		return one_of(candidates, "golang-migrate", "sqlx", "node-pg-migrate", arena);
	}
	if (!plain || first_that(names, count, ".down.sql"))
		return format_find("native");
	*evidence = arena_print(arena, "%s has no mark of another tool", plain);
	return one_of(candidates, "native", "sqlx", "node-pg-migrate", arena);
}

/* A number in front, as all tools but Flyway have it, and we too; first_plain takes any that begins with a digit. */
static bool
is_numbered(const char *name)
{
	const char *behind = name + strspn(name, "0123456789");

	return behind > name && strchr("_-.", *behind);
}

/* Files that are named as Flyway does are told first: what is numbered beside them would be left out with but a warning. */
static bool
refuse_numbered(const struct folder *folder, const char *plain, const char *text,
                const char *evidence, struct err *err)
{
	const char *up = first_that(folder->names, folder->count, ".up.sql");
	const char *other = plain ? plain : up, *looks;

	if (!other || !is_numbered(other))
		return true;
	if (text && format_by_marker(text, &looks))
		(void)err_set(err, FAULT_WRONG,
		              "%s: files of two tools: %s, %s has a line like `%s`", folder->path,
		              evidence, other, looks);
	else
		(void)err_set(err, FAULT_WRONG, "%s: files of two tools: %s, %s as %s",
		              folder->path, evidence, other,
		              plain ? "our own are" : "golang-migrate does, and others");
	return err_hint(err, FORMAT_REMEDY);
}

bool
format_choose(const struct format **format, const struct format ***candidates,
              const char **evidence, const struct folder *folder, const struct config *config,
              struct arena *arena, struct err *err)
{
	const char *plain = first_plain(folder->names, folder->count);
	struct source source = { 0 };

	*candidates = NULL;
	*evidence = "migrations_format says so";
	if (config->migrations_format) {
		*format = &formats[config->migrations_format - 1];
		return true;
	}
	if (plain && !source_read(&source, folder->descriptor, plain,
	                          arena_join(arena, folder->path, "/", plain), arena, err))
		return false;
	*format = format_by_files(folder->names, folder->count, source.text, candidates, evidence,
	                          arena);
	return strcmp((*format)->name, "flyway") != 0 ||
	       refuse_numbered(folder, plain, source.text, *evidence, err);
}
