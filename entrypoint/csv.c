/* See csv.h. */
#include "csv.h"

#include <string.h>

#include "arena.h"
#include "err.h"

struct csv
csv_new(const char *text, size_t length, const char *path, struct arena *arena)
{
	struct csv csv = { .path = path, .line = 1, .arena = arena };

	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		length -= 3;
	}
	csv.at = arena_copy_n(arena, text, length);
	csv.end = csv.at + length;
	return csv;
}

static bool
refuse(const struct csv *csv, const char *what, struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "%s", what);
	return csv->path ? err_at(err, csv->path, csv->line, 0) : false;
}

/* A field is unquoted where it stands: its text only gets shorter. */
struct field {
	char *from, *to;
	bool was_quoted;
};

/* From an opening quote to behind the closing one. */
static bool
take_quoted(struct csv *csv, struct field *field, struct err *err)
{
	const size_t opened = csv->line;

	field->was_quoted = true;
	for (csv->at++; csv->at < csv->end; csv->at++) {
		if (*csv->at == '"') {
			csv->at++;
			if (csv->at == csv->end || *csv->at != '"')
				return true;
		}
		csv->line += *csv->at == '\n';
		*field->to++ = *csv->at;
	}
	csv->line = opened;
	return refuse(csv, "a quoted field has no end", err);
}

/* Leaves csv->at on the comma, the line's end or the end of the text. */
static bool
take_field(struct csv *csv, struct field *field, struct err *err)
{
	*field = (struct field){ csv->at, csv->at, false };
	while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n') {
		if (*csv->at == '"') {
			if (!take_quoted(csv, field, err))
				return false;
			continue;
		}
		if (*csv->at == '\r') {
			if (csv->end - csv->at > 1 && csv->at[1] != '\n')
				return refuse(csv, "a carriage return outside of quotes", err);
			csv->at++;
			continue;
		}
		*field->to++ = *csv->at++;
	}
	return true;
}

static void
keep_field(struct csv *csv, const struct field *field)
{
	if (csv->count == csv->room) {
		csv->fields = arena_grow(csv->arena, csv->fields, csv->room, sizeof *csv->fields);
		csv->room = csv->room ? csv->room * 2 : 4;
	}
	csv->fields[csv->count++] =
		field->to == field->from && !field->was_quoted ? NULL : field->from;
}

bool
csv_next(struct csv *csv, bool *at_end, struct err *err)
{
	struct field field;
	char delimiter;

	*at_end = csv->at == csv->end;
	if (*at_end)
		return false;
	csv->count = 0;
	csv->record_line = csv->line;
	do {
		if (!take_field(csv, &field, err))
			return false;
		/* The end of a field may be its delimiter's place: look before it is overwritten. */
		delimiter = csv->at < csv->end ? *csv->at++ : '\n';
		*field.to = '\0';
		keep_field(csv, &field);
	} while (delimiter == ',');
	csv->line++;
	return true;
}

bool
csv_split(const char *text, const char ***fields, size_t *count, struct arena *arena)
{
	struct csv csv = csv_new(text, strlen(text), NULL, arena);
	struct err ignored = { 0 };
	bool at_end;

	if (!csv_next(&csv, &at_end, &ignored) || csv.at != csv.end)
		return false;
	*fields = csv.fields;
	*count = csv.count;
	return true;
}
