/* See name.h. Patterns as in the tools' sources: dbmate 2.35, goose 3.27, golang-migrate 4, sqlx 0.9, Flyway 13. */
#include "name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "../arena.h"
#include "../ledger.h"

#define UTC_DIGITS 17 /* YYYYMMDDhhmmssSSS */

static size_t
digits_of(const char *text)
{
	return strspn(text, "0123456789");
}

static bool
ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), ending = strlen(end);

	return length > ending && strcmp(text + length - ending, end) == 0;
}

static const char *
spaced(const char *text, size_t length, struct arena *arena)
{
	char *copy = arena_copy_n(arena, text, length);

	for (char *at = copy; *at; at++)
		if (*at == '_')
			*at = ' ';
	return copy;
}

/* DIGITS_NAME; text behind the digits may be missing where `between` is 0. */
static bool
numbered(struct stem *stem, const char *text, char between, struct arena *arena)
{
	const size_t digits = digits_of(text);

	*stem = (struct stem){ .version = arena_copy_n(arena, text, digits), .name = text };
	if (!digits || (between && text[digits] != between))
		return false;
	stem->description = text + digits + (text[digits] != '\0');
	return true;
}

bool
stem_dbmate(struct stem *stem, const char *text, struct arena *arena)
{
	return numbered(stem, text, 0, arena);
}

bool
stem_goose(struct stem *stem, const char *text, struct arena *arena)
{
	/* goose counts from 1; 0 is its own first row. */
	return numbered(stem, text, '_', arena) && strspn(text, "0") < strlen(stem->version);
}

/* NAME.up and NAME.down; neither only where that is allowed. */
static bool
paired(struct stem *stem, bool may_be_single, struct arena *arena)
{
	size_t ending = 0;

	stem->is_down = ends_with(stem->name, ".down");
	if (stem->is_down)
		ending = strlen(".down");
	else if (ends_with(stem->name, ".up"))
		ending = strlen(".up");
	stem->name = arena_copy_n(arena, stem->name, strlen(stem->name) - ending);
	return ending || may_be_single;
}

bool
stem_golang_migrate(struct stem *stem, const char *text, struct arena *arena)
{
	return numbered(stem, text, '_', arena) && paired(stem, false, arena);
}

bool
stem_sqlx(struct stem *stem, const char *text, struct arena *arena)
{
	const char *behind;

	if (!numbered(stem, text, '_', arena) || !paired(stem, true, arena))
		return false;
	behind = stem->name + strlen(stem->version) + 1;
	stem->description = spaced(behind, strlen(behind), arena);
	return true;
}

bool
stem_node_pg_migrate(struct stem *stem, const char *text, struct arena *arena)
{
	if (!numbered(stem, text, '_', arena) || !paired(stem, true, arena))
		return false;
	/* Its history knows only whole names. */
	stem->version = stem->name;
	return true;
}

/* The version between prefix and separator: numbers with dots, or underscores that stand for dots. */
static const char *
dotted(const char *text, const char *end, struct arena *arena)
{
	char *version = arena_copy_n(arena, text, (size_t)(end - text));
	const char *at = version;

	for (char *c = version; *c; c++)
		if (*c == '_')
			*c = '.';
	while (digits_of(at)) {
		at += digits_of(at);
		if (!*at)
			return version;
		at += *at == '.';
	}
	return NULL;
}

bool
stem_flyway(struct stem *stem, const char *text, struct arena *arena)
{
	const char *separator = *text ? strstr(text + 1, "__") : NULL;
	const char *behind;

	*stem = (struct stem){ .name = text };
	if (!*text || !strchr("VRUB", *text) || (!separator && *text == 'R'))
		return false;
	/* A version needs no description. */
	behind = separator ? separator + strlen("__") : text + strlen(text);
	separator = separator ? separator : behind;
	stem->description = spaced(behind, strlen(behind), arena);
	if (*text == 'R') {
		char *version = arena_print(arena, "R__%s", behind);

		for (char *c = version; *c; c++)
			if (*c == ' ')
				*c = '_';
		stem->is_repeatable = true;
		stem->version = version;
		return separator == text + 1;
	}
	stem->version = dotted(text + 1, separator, arena);
	stem->is_down = *text == 'U';
	stem->is_baseline = *text == 'B';
	if (stem->is_baseline)
		stem->refusal = "a baseline migration, which only Flyway itself can run";
	return stem->version != NULL;
}

int
version_compare_text(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	if (*one == *other)
		return 0;
	return (unsigned char)(*one ? *one : '_') < (unsigned char)(*other ? *other : '_') ? -1 : 1;
}

/* Repeatables by their description, in which a blank is an underscore here (ResolvedMigrationComparator.java). */
int
version_compare_flyway(const char *one, const char *other)
{
	if (*one != 'R' || *other != 'R')
		return version_compare(one, other);
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return (unsigned char)(*one == '_' ? ' ' : *one) -
	       (unsigned char)(*other == '_' ? ' ' : *other);
}

/* As many digits of a number. */
static int
part_of(const char **at, size_t digits)
{
	char part[5] = "";

	memcpy(part, *at, digits);
	*at += digits;
	return (int)strtol(part, NULL, 10);
}

/* Milliseconds since 1970, if the digits are a time; else the number itself. */
static int64_t
prefix_value(const char *name)
{
	struct tm tm = { 0 };

	if (digits_of(name) != UTC_DIGITS)
		return strtoll(name, NULL, 10);
	tm.tm_year = part_of(&name, 4) - 1900;
	tm.tm_mon = part_of(&name, 2) - 1;
	tm.tm_mday = part_of(&name, 2);
	tm.tm_hour = part_of(&name, 2);
	tm.tm_min = part_of(&name, 2);
	tm.tm_sec = part_of(&name, 2);
	return (int64_t)timegm(&tm) * 1000 + part_of(&name, 3);
}

int
version_compare_node_pg_migrate(const char *one, const char *other)
{
	const int64_t first = prefix_value(one), second = prefix_value(other);
	const int order = first == second ? strcasecmp(one, other) : first < second ? -1 : 1;

	return order ? order : strcmp(one, other);
}
