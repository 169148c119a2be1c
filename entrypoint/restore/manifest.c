/* See manifest.h. */
#include "headway.h"

#include "filled.h"
#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../scoped.h"

#define ROWS "rows "
#define SHA256 "SHA256 ("
#define VOLUME "volume "
#define PIECE ((size_t)65536)

void
manifest_add_rows(struct text *text, const struct fillings *fillings)
{
	for (size_t i = 0; i < fillings->count; i++)
		/* A line is a table. */
		if (!strchr(fillings->tables[i].table, '\n'))
			text_print(text, ROWS "%" PRId64 " %s\n", fillings->tables[i].rows,
			           fillings->tables[i].table);
}

/* "1000 public.t", up to the end of its line. */
static bool
read_line(struct fillings *said, const char *line, size_t length)
{
	char *end;
	int64_t rows;

	if (!length || *line < '0' || *line > '9')
		return false;
	errno = 0;
	rows = strtoll(line, &end, 10);
	if (errno || *end != ' ' || (size_t)(end + 1 - line) >= length)
		return false;
	end++;
	fillings_note(said, arena_copy_n(said->arena, end, (size_t)(line + length - end)))->rows +=
		rows;
	return true;
}

bool
manifest_rows(struct fillings *said, const char *text, const char *path, struct err *err)
{
	const size_t front = sizeof ROWS - 1;

	for (size_t number = 1; *text; number++) {
		const size_t length = strcspn(text, "\n");
		const size_t bare = length - (length && text[length - 1] == '\r');

		if (bare >= front && strncmp(text, ROWS, front) == 0 &&
		    !read_line(said, text + front, bare - front))
			return err_set(err, FAULT_WRONG, "%s:%zu: no number of rows of a table",
			               path, number);
		text += length + (text[length] == '\n');
	}
	return true;
}

static bool
is_in_schema(const char *table, const char *schema)
{
	const size_t quote = *table == '"', length = strlen(schema);

	return strncmp(table + quote, schema, length) == 0 &&
	       strncmp(table + quote + length, quote ? "\"." : ".", quote + 1) == 0;
}

static bool
is_in_one(const char *table, const char *const *schemas)
{
	while (*schemas && !is_in_schema(table, *schemas))
		schemas++;
	return *schemas;
}

bool
manifest_compare(const struct fillings *said, const struct fillings *loaded,
                 const char *const *schemas, const char *path, struct err *err)
{
	size_t others = 0;

	for (size_t i = 0; i < said->count; i++) {
		const struct filled *wanted = &said->tables[i];
		const int64_t rows = fillings_rows(loaded, wanted->table);

		if (rows == wanted->rows || is_in_one(wanted->table, schemas))
			continue;
		if (err->fault == FAULT_NONE)
			(void)err_set(err, FAULT_WRONG,
			              "%s: %" PRId64 " rows were loaded, and %s says %" PRId64,
			              wanted->table, rows, path, wanted->rows); /* below */
		else
			others++;
	}
	if (err->fault == FAULT_NONE)
		return true;
	if (others)
		(void)err_detail(err, "so it is with %zu tables more", others);
	return err_hint(err,
	                "the backup is not the one that was written with this manifest, or was "
	                "changed since: take another one");
}

/* "NAME) = HEX", up to the end of its line: the name, or NULL. */
static const char *
read_sum(const char *line, const char *end, struct arena *arena)
{
	const char *shut = strstr(line, ") = "), *digits;

	if (!shut || shut > end || shut == line)
		return NULL;
	digits = shut + 4;
	if (end > digits && end[-1] == '\r')
		end--;
	return digits + strspn(digits, "0123456789abcdefABCDEF") == end && end - digits == 64
	             ? arena_copy_n(arena, line, (size_t)(shut - line))
	             : NULL;
}

bool
manifest_archives(const char *const **archives, const char *text, const char *path,
                  struct arena *arena, struct err *err)
{
	const size_t front = sizeof SHA256 - 1;
	const char **names = NULL, *next;
	size_t count = 0, number = 1;

	for (const char *line = text; *line; line = next, number++) {
		const char *end = line + strcspn(line, "\n"), *name;

		next = end + (*end == '\n');
		if (strncmp(line, SHA256, front) != 0 ||
		    strncmp(next, VOLUME, sizeof VOLUME - 1) != 0)
			continue;
		name = read_sum(line + front, end, arena);
		if (!name)
			return err_set(err, FAULT_WRONG, "%s:%zu: no checksum of an archive", path,
			               number);
		names = arena_grow(arena, names, count, sizeof *names);
		names[count++] = name;
	}
	names = arena_grow(arena, names, count, sizeof *names);
	names[count] = NULL;
	*archives = names;
	return true;
}

static const char *
read_all(int file, struct arena *arena)
{
	struct text text = text_new(arena);
	char piece[PIECE];
	ssize_t got;

	while ((got = read(file, piece, sizeof piece)) > 0)
		text_add_n(&text, piece, (size_t)got);
	return got < 0 ? NULL : text.at;
}

static const char *const *
schemas_of(const struct config *config, struct arena *arena)
{
	const struct names *foreign = &config->foreign_schemas;
	const char **schemas = arena_alloc(arena, (foreign->count + 2) * sizeof *schemas);

	schemas[0] = config->schema;
	for (size_t i = 0; i < foreign->count; i++)
		schemas[i + 1] = foreign->at[i];
	return schemas;
}

bool
manifest_read(const char **path, const char **text, const char *source, struct arena *arena,
              struct err *err)
{
	const char *name = arena_join(arena, source, MANIFEST, "");
	SCOPED(descriptor_close) int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*path = *text = NULL;
	/* A dump in a folder that is none, "standard input", has none either. */
	if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	*path = name;
	*text = file < 0 ? NULL : read_all(file, arena);
	return *text || err_errno(err, FAULT_NO_SOURCE, "%s", name);
}

bool
manifest_prove(const char *source, const struct fillings *loaded, const struct config *config,
               struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *path, *text;
	struct fillings said = { .arena = &arena };

	if (!manifest_read(&path, &text, source, &arena, err))
		return false;
	return !path || (manifest_rows(&said, text, path, err) &&
	                 manifest_compare(&said, loaded, schemas_of(config, &arena), path, err));
}
