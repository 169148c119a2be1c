/* See section.h. */
#include "section.h"

#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../err.h"
#include "../format.h"
#include "../script.h"

#define LONGEST_HEADING 128

static const char *
skip_blank(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* Behind a word in any case, or NULL. */
static const char *
skip_word(const char *at, const char *end, const char *word)
{
	const size_t length = strlen(word);

	return (size_t)(end - at) >= length && strncasecmp(at, word, length) == 0 ? at + length
	                                                                          : NULL;
}

/* ^--\s*migrate:(up|down)(\s*$|\s+\S+), then options key:value, of which transaction is the only one. */
struct heading
heading_dbmate(const char *line, size_t length)
{
	const char *const end = line + length;
	struct heading heading = { HEADING_NONE, false, NULL };
	const char *at;

	if (length < 2 || memcmp(line, "--", 2) != 0)
		return heading;
	at = skip_blank(line + 2, end);
	if ((size_t)(end - at) < 10 || memcmp(at, "migrate:", 8) != 0)
		return heading;
	at += 8;
	if (memcmp(at, "up", 2) == 0)
		heading.section = HEADING_UP;
	else if (end - at >= 4 && memcmp(at, "down", 4) == 0)
		heading.section = HEADING_DOWN;
	at += heading.section == HEADING_DOWN ? 4 : 2;
	if (heading.section == HEADING_NONE || (at < end && skip_blank(at, end) == at))
		return (struct heading){ HEADING_NONE, false, NULL };
	heading.no_transaction = memmem(at, (size_t)(end - at), "transaction:false", 17) != NULL;
	return heading;
}

/* The words behind `-- +goose`, in one case and with one blank between; false: no such line, or too long. */
static bool
read_annotation(char words[LONGEST_HEADING], const char *line, size_t length, bool *is_indented)
{
	const char *const end = line + length;
	const char *at = skip_blank(line, end);
	size_t count = 0;

	*is_indented = at > line;
	if (end - at < 2 || memcmp(at, "--", 2) != 0)
		return false;
	at = skip_word(skip_blank(at + 2, end), end, "+goose");
	if (!at)
		return false;
	while ((at = skip_blank(at, end)) < end && count < LONGEST_HEADING - 1) {
		if (count)
			words[count++] = ' ';
		while (at < end && skip_blank(at, end) == at && count < LONGEST_HEADING - 1)
			words[count++] = *at++;
	}
	words[count] = '\0';
	return true;
}

struct heading
heading_goose(const char *line, size_t length)
{
	static const struct {
		const char *words;
		struct heading heading;
	} annotations[] = {
		{ "up", { HEADING_UP, false, NULL } },
		{ "down", { HEADING_DOWN, false, NULL } },
		{ "no transaction", { HEADING_NONE, true, NULL } },
		{ "statementbegin", { HEADING_NONE, false, NULL } },
		{ "statementend", { HEADING_NONE, false, NULL } },
		{ "envsub off", { HEADING_NONE, false, NULL } },
		{ "envsub on", { HEADING_NONE, false, "ENVSUB puts variables in unquoted" } },
	};
	char words[LONGEST_HEADING];
	bool is_indented;

	if (!read_annotation(words, line, length, &is_indented))
		return (struct heading){ HEADING_NONE, false, NULL };
	for (size_t i = 0; i < sizeof annotations / sizeof *annotations && !is_indented; i++)
		if (strcasecmp(annotations[i].words, words) == 0)
			return annotations[i].heading;
	return (struct heading){ HEADING_NONE, false,
		                 is_indented ? "goose's annotations must begin the line"
		                             : "no annotation of goose" };
}

/* ^\s*--[\s-]*(up|down)\s+migration, in any case */
struct heading
heading_node_pg_migrate(const char *line, size_t length)
{
	const char *const end = line + length;
	struct heading heading = { HEADING_NONE, false, NULL };
	const char *at = skip_blank(line, end), *up, *word;

	if (end - at < 2 || memcmp(at, "--", 2) != 0)
		return heading;
	while (at < end && (*at == '-' || skip_blank(at, end) > at))
		at++;
	up = skip_word(at, end, "up");
	word = up ? up : skip_word(at, end, "down");
	if (word && skip_blank(word, end) > word &&
	    skip_word(skip_blank(word, end), end, "migration"))
		heading.section = up ? HEADING_UP : HEADING_DOWN;
	return heading;
}

/* While the lines of a file are sorted into its sections. */
struct sorting {
	const struct format *format;
	const struct source *source;
	char *up, *down;
	size_t up_end, down_end;
	bool has_up, has_down;
	int section; /* where the lines belong to now */
	struct parts parts;
};

static bool
blame(const struct source *source, size_t offset, struct err *err)
{
	const struct place place = place_at(source, offset);

	return place_blame(&place, err);
}

static void
blank(char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] != '\n' && text[i] != '\r')
			text[i] = ' ';
}

static void
note_heading(struct sorting *sorting, const struct heading *heading, size_t offset)
{
	const bool is_seen = heading->section == HEADING_UP ? sorting->has_up : sorting->has_down;

	if (heading->refusal && !sorting->parts.refusal) {
		sorting->parts.refusal = heading->refusal;
		sorting->parts.refused_at = offset;
	}
	if (heading->section == HEADING_NONE || heading->section == HEADING_UP)
		sorting->parts.up_alone |= heading->no_transaction;
	if (heading->section == HEADING_NONE || heading->section == HEADING_DOWN)
		sorting->parts.down_alone |= heading->no_transaction;
	if (heading->section == HEADING_NONE || (is_seen && sorting->format->heads_once))
		return;
	sorting->section = heading->section;
	sorting->has_up |= heading->section == HEADING_UP;
	sorting->has_down |= heading->section == HEADING_DOWN;
}

static bool
is_comment(const char *line, size_t length)
{
	const char *at = skip_blank(line, line + length);

	return at == line + length || (line + length - at >= 2 && memcmp(at, "--", 2) == 0);
}

/* A line, with its end. What stands above the first heading belongs to both, as far as it is comments. */
static bool
sort_line(struct sorting *sorting, size_t from, size_t to, struct err *err)
{
	const char *line = sorting->source->text + from;
	const size_t length = to - from - (line[to - from - 1] == '\n');
	const struct heading heading = sorting->format->read_heading(line, length);
	const bool is_head = sorting->section == HEADING_NONE;

	note_heading(sorting, &heading, from);
	if (is_head && sorting->section == HEADING_NONE && !is_comment(line, length)) {
		if (!sorting->format->heads_once) {
			(void)err_set(err, FAULT_WRONG, "%s takes nothing above the first section",
			              sorting->format->name);
			return blame(sorting->source, from, err);
		}
		blank(sorting->up, from, to);
		blank(sorting->down, from, to);
	}
	if (sorting->section == HEADING_DOWN)
		blank(sorting->up, from, to);
	else
		sorting->up_end = to;
	if (sorting->section == HEADING_UP)
		blank(sorting->down, from, to);
	else
		sorting->down_end = to;
	return true;
}

static struct source *
part(const struct source *source, char *text, size_t length, struct arena *arena)
{
	struct source *copy = arena_alloc(arena, sizeof *copy);

	*copy = *source;
	copy->text = text;
	copy->length = length;
	text[length] = '\0';
	return copy;
}

static bool
check_sections(const struct sorting *sorting, struct err *err)
{
	if (sorting->has_up)
		return true;
	return err_set(err, FAULT_WRONG, "%s: %s finds no section to apply in it",
	               sorting->source->path, sorting->format->name);
}

static bool
sort_lines(struct sorting *sorting, struct err *err)
{
	const struct source *source = sorting->source;

	for (size_t from = 0, to; from < source->length; from = to) {
		const char *end = memchr(source->text + from, '\n', source->length - from);

		to = end ? (size_t)(end - source->text) + 1 : source->length;
		if (!sort_line(sorting, from, to, err))
			return false;
	}
	return (sorting->format->heads_once && !sorting->has_down) || check_sections(sorting, err);
}

bool
parts_read(struct parts *parts, const struct format *format, const struct source *source,
           struct arena *arena, struct err *err)
{
	struct sorting sorting = { .format = format, .source = source };

	if (format->read_heading) {
		sorting.up = arena_copy_n(arena, source->text, source->length);
		sorting.down = arena_copy_n(arena, source->text, source->length);
		if (!sort_lines(&sorting, err))
			return false;
	}
	*parts = sorting.parts;
	if (sorting.has_up) {
		parts->up = part(source, sorting.up, sorting.up_end, arena);
	} else {
		parts->up = arena_alloc(arena, sizeof *parts->up);
		*parts->up = *source;
	}
	parts->down = sorting.has_down ? part(source, sorting.down, sorting.down_end, arena) : NULL;
	return true;
}
