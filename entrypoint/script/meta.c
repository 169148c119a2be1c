/* See meta.h. */
#include "meta.h"

#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../err.h"
#include "../script.h"
#include "../token.h"

/* Arguments, up to the end of the line. */
struct rest {
	const char *at, *end;
};

/* Reads the arguments; false: *wrong is why not, NULL: a backslash in them. */
typedef bool meta_taker(struct meta *meta, struct rest rest, struct arena *arena,
                        const char **wrong);

/* \echo and the like say something to people, or to psql: nothing is done. */
static bool
take_anything(struct meta *meta, struct rest rest, struct arena *arena, const char **wrong)
{
	(void)meta;
	(void)arena;
	(void)wrong;
	while (rest.at < rest.end && *rest.at != '\\') {
		bool is_open;
		const char *behind = token_skip_string(rest.at, rest.end, true, &is_open);

		rest.at = *rest.at == '\'' && !is_open ? behind : rest.at + 1;
	}
	return rest.at == rest.end;
}

static size_t
word_length(struct rest rest)
{
	const char *at = rest.at;

	while (at < rest.end && token_skip_space(at, rest.end) == at)
		at++;
	return (size_t)(at - rest.at);
}

static bool
is_one_of(const char *word, size_t length, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == length && strncasecmp(*words, word, length) == 0)
			return true;
	return false;
}

/* \set ON_ERROR_STOP on: so it is always. */
static bool
take_set(struct meta *meta, struct rest rest, struct arena *arena, const char **wrong)
{
	static const char *const names[] = { "ON_ERROR_STOP", NULL };
	static const char *const values[] = { "", "on", "1", "true", "yes", "'on'", "'1'", NULL };
	size_t length = word_length(rest);

	(void)meta;
	(void)arena;
	*wrong = "of the variables of psql only ON_ERROR_STOP can be set";
	if (!is_one_of(rest.at, length, names))
		return false;
	*wrong = "ON_ERROR_STOP is always on here";
	rest.at = token_skip_space(rest.at + length, rest.end);
	length = word_length(rest);
	return is_one_of(rest.at, length, values) &&
	       token_skip_space(rest.at + length, rest.end) == rest.end;
}

/* FILE or 'FILE', with semicolons behind it, which psql ignores as well. */
static bool
take_file(struct meta *meta, struct rest rest, struct arena *arena, const char **wrong)
{
	while (rest.end > rest.at &&
	       (rest.end[-1] == ';' || token_skip_space(rest.end - 1, rest.end) == rest.end))
		rest.end--;
	*wrong = "one file is to be named, plain or as 'FILE'";
	if (rest.end - rest.at > 2 && rest.at[0] == '\'' && rest.end[-1] == '\'') {
		rest.at++;
		rest.end--;
	} else if (rest.at == rest.end || word_length(rest) != (size_t)(rest.end - rest.at)) {
		return false;
	}
	meta->file = arena_copy_n(arena, rest.at, (size_t)(rest.end - rest.at));
	return !strpbrk(meta->file, "'\"`\\:");
}

static bool
take_file_relative(struct meta *meta, struct rest rest, struct arena *arena, const char **wrong)
{
	meta->is_relative = true;
	return take_file(meta, rest, arena, wrong);
}

static const struct row {
	const char *name;
	meta_taker *take;
} rows[] = {
	{ "echo", take_anything },
	{ "restrict", take_anything },
	{ "unrestrict", take_anything },
	{ "set", take_set },
	{ "i", take_file },
	{ "include", take_file },
	{ "ir", take_file_relative },
	{ "include_relative", take_file_relative },
};

static bool
refuse(const struct source *source, size_t offset, const char *name, size_t length,
       const char *wrong, struct err *err)
{
	const struct place place = place_at(source, offset);

	if (wrong)
		(void)err_set(err, FAULT_WRONG, "\\%.*s: %s", (int)length, name, wrong);
	else if (length == 1 && *name == '.')
		(void)err_set(err, FAULT_WRONG, "\\. without COPY ... FROM STDIN before it");
	else
		(void)err_set(err, FAULT_WRONG, "psql's \\%.*s cannot be used here", (int)length,
		              name);
	if (!wrong)
		(void)err_hint(err,
		               "there is no psql here: of its commands only \\echo, \\set "
		               "ON_ERROR_STOP, \\i, \\ir, \\restrict and \\unrestrict are known");
	return place_blame(&place, err);
}

bool
meta_read(struct meta *meta, const struct source *source, size_t offset, struct arena *arena,
          struct err *err)
{
	const char *const text_end = source->text + source->length;
	const char *const name = source->text + offset + 1;
	const char *newline = memchr(name, '\n', (size_t)(text_end - name));
	struct rest rest = { name, newline ? newline : text_end };
	struct meta read = { .end = (size_t)(rest.end - source->text) };
	const char *wrong = NULL;
	size_t length = 0;

	while (length < word_length(rest) && name[length] != '\\')
		length++;
	rest.at = token_skip_space(name + length, rest.end);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strlen(rows[i].name) != length || memcmp(rows[i].name, name, length) != 0)
			continue;
		if (!rows[i].take(&read, rest, arena, &wrong))
			return refuse(source, offset, name, length,
			              wrong ? wrong : "a second meta-command in its line", err);
		*meta = read;
		return true;
	}
	return refuse(source, offset, name, length, wrong, err);
}

bool
meta_begins_line(const struct source *source, size_t offset)
{
	const char *const text = source->text;

	while (offset && (text[offset - 1] == ' ' || text[offset - 1] == '\t'))
		offset--;
	return offset == 0 || text[offset - 1] == '\n';
}
