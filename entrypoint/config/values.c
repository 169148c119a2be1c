/* How the text of a value becomes a member of struct config, for each kind of setting. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../arena.h"
#include "../clock.h"
#include "../config.h"
#include "../err.h"
#include "../mapping.h"
#include "../words.h"
#include "setting.h"

#define MOST_JOBS 64
#define LONGEST_IDENTIFIER 63 /* NAMEDATALEN - 1 */

static bool
wrong(const struct given *given, struct err *err, const char *why)
{
	const size_t length = strlen(given->source);

	/* What lies in a file may be a secret in the wrong place. */
	if (length > 5 && strcmp(given->source + length - 5, "_FILE") == 0)
		return err_set(err, FAULT_CONFIG, "%s: its content %s", given->source, why);
	return err_set(err, FAULT_CONFIG, "%s: \"%s\" %s", given->source, given->value, why);
}

static bool
is_one_of(const char *const *words, const char *word)
{
	while (*words && strcasecmp(*words, word) != 0)
		words++;
	return *words;
}

static bool
store_text(const struct setting *setting, const struct given *given, void *member,
           struct arena *arena, struct err *err)
{
	(void)setting, (void)arena, (void)err; /* the form of all stores */
	*(const char **)member = *given->value ? given->value : NULL;
	return true;
}

static bool
store_choice(const struct setting *setting, const struct given *given, void *member,
             struct arena *arena, struct err *err)
{
	struct text list = text_new(arena);

	for (int i = 0; setting->choices[i]; i++) {
		if (strcasecmp(setting->choices[i], given->value) == 0) {
			*(int *)member = i;
			return true;
		}
		if (*setting->choices[i])
			text_print(&list, "%s%s", list.length ? ", " : "", setting->choices[i]);
	}
	(void)wrong(given, err, "is none of the choices"); /* false is returned below */
	return err_hint(err, "%s: %s", setting->key, list.at);
}

static bool
store_flag(const struct setting *setting, const struct given *given, void *member,
           struct arena *arena, struct err *err)
{
	static const char *const yes[] = { "true", "1", "yes", "on", NULL };
	static const char *const no[] = { "false", "0", "no", "off", NULL };
	int choice;

	if (setting->choices) {
		if (!store_choice(setting, given, &choice, arena, err))
			return false;
		*(bool *)member = choice == 1;
		return true;
	}
	if (!is_one_of(yes, given->value) && !is_one_of(no, given->value))
		return wrong(given, err, "is neither yes nor no");
	*(bool *)member = is_one_of(yes, given->value);
	return true;
}

/* Milliseconds of one unit, 0: no such unit. */
static double
unit_length(const char *unit)
{
	static const struct {
		const char *name;
		double length;
	} units[] = { { "ms", 1 },    { "s", 1e3 },  { "", 1e3 },   { "m", 6e4 },
		      { "min", 6e4 }, { "h", 36e5 }, { "d", 864e5 } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].name, unit) == 0)
			return units[i].length;
	return 0;
}

/* A hundred years, in milliseconds: so far a clock may be set ahead without an overflow. */
#define LONGEST_LIMIT (36500 * 864e5)

/* In milliseconds, as the most that it may be. */
static bool
read_duration(const struct given *given, double most, int64_t *whole, struct err *err)
{
	const size_t digits = strspn(given->value, "0123456789.");
	const double unit = unit_length(given->value + digits);
	char *end;
	double amount;

	/* strtod alone would take 0x10, 1e9, inf and a sign too. */
	amount = strtod(given->value, &end);
	if (!digits || unit == 0 || end != given->value + digits)
		return wrong(given, err, "is no duration such as 500ms, 30s, 5m or 24h");
	if (amount * unit > most) {
		(void)wrong(given, err, "is too long"); /* false is returned below */
		return err_hint(err, "at most %dd", (int)(most / unit_length("d")));
	}
	*whole = (int64_t)(amount * unit);
	*whole += (double)*whole < amount * unit;
	return true;
}

/* PostgreSQL's timeouts, which some of these become, end there. */
static bool
store_duration(const struct setting *setting, const struct given *given, void *member,
               struct arena *arena, struct err *err)
{
	(void)setting, (void)arena; /* the form of all stores */
	return read_duration(given, INT32_MAX, member, err);
}

static bool
store_limit(const struct setting *setting, const struct given *given, void *member,
            struct arena *arena, struct err *err)
{
	int64_t limit = 0;

	(void)setting, (void)arena; /* the form of all stores */
	if (strcasecmp(given->value, "none") != 0 &&
	    !read_duration(given, LONGEST_LIMIT, &limit, err))
		return false;
	*(int64_t *)member = limit ? limit : CLOCK_NEVER;
	return true;
}

static bool
store_names(const struct setting *setting, const struct given *given, void *member,
            struct arena *arena, struct err *err)
{
	static const char between[] = ", \t\r\n";
	struct names names = { 0 };
	const char *at = given->value + strspn(given->value, between);

	(void)setting, (void)err; /* the form of all stores */
	while (*at) {
		const size_t length = strcspn(at, between);

		names.at = arena_grow(arena, names.at, names.count, sizeof *names.at);
		names.at[names.count++] = arena_copy_n(arena, at, length);
		at += length;
		at += strspn(at, between);
	}
	*(struct names *)member = names;
	return true;
}

static bool
store_folder(const struct setting *setting, const struct given *given, void *member,
             struct arena *arena, struct err *err)
{
	const bool is_default = given->value == setting->initial;

	(void)arena, (void)err; /* the form of all stores */
	/* One that exists and cannot be looked at is kept: that is an error when it is read. */
	if (is_default && access(given->value, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		*(const char **)member = NULL;
	else
		*(const char **)member = given->value;
	return true;
}

static bool
store_schema(const struct setting *setting, const struct given *given, void *member,
             struct arena *arena, struct err *err)
{
	(void)setting, (void)arena; /* the form of all stores */
	if (strlen(given->value) > LONGEST_IDENTIFIER)
		return wrong(given, err, "is longer than the 63 bytes of a name");
	if (strncmp(given->value, "pg_", 3) == 0)
		return wrong(given, err, "begins with pg_, which the server keeps for itself");
	/* What is in our schema never makes a database non-empty: it must hold nothing else. */
	if (strcmp(given->value, "public") == 0 || strcmp(given->value, "information_schema") == 0)
		return wrong(given, err, "is not a schema for our tables alone");
	*(const char **)member = given->value;
	return true;
}

static bool
store_environment(const struct setting *setting, const struct given *given, void *member,
                  struct arena *arena, struct err *err)
{
	const char *canonical = config_environment(given->value);

	(void)setting, (void)arena; /* the form of all stores */
	if (strchr(given->value, '/') || *given->value == '.')
		return wrong(given, err, "is not the name of a folder");
	if (strcmp(given->value, "common") == 0)
		return wrong(given, err, "is the folder for every environment");
	*(const char **)member = canonical ? canonical : given->value;
	return true;
}

/* Which of them exist is known only later. */
static bool
store_version(const struct setting *setting, const struct given *given, void *member,
              struct arena *arena, struct err *err)
{
	(void)setting, (void)arena; /* the form of all stores */
	*(const char **)member = NULL;
	if (!*given->value)
		return true;
	if (!isdigit((unsigned char)*given->value))
		return wrong(given, err, "is no version, which begins with digits, such as 0042");
	*(const char **)member = given->value;
	return true;
}

static bool
store_command(const struct setting *setting, const struct given *given, void *member,
              struct arena *arena, struct err *err)
{
	const char *why;
	const struct errand errand = { given->value, words_split(given->value, &why, arena) };

	(void)setting; /* the form of all stores */
	*(struct errand *)member = (struct errand){ 0 };
	if (!*given->value)
		return true;
	/* Not quoted: it may hold a secret. */
	if (!errand.words) {
		(void)err_set(err, FAULT_CONFIG, "%s: the command %s", given->source, why);
		return err_hint(err, "quote it for the program, or let a shell read it: "
		                     "sh -c '...'");
	}
	*(struct errand *)member = errand;
	return true;
}

static bool
is_query(const char *text)
{
	static const char *const begins[] = { "select", "with", "values" };

	text += strspn(text, " \t\r\n(");
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
		const size_t length = strlen(begins[i]);

		if (strncasecmp(text, begins[i], length) == 0 &&
		    (!text[length] || strchr(" \t\r\n(*'\"", text[length])))
			return true;
	}
	return false;
}

static bool
store_proof(const struct setting *setting, const struct given *given, void *member,
            struct arena *arena, struct err *err)
{
	size_t length = strlen(given->value);

	if (!is_query(given->value))
		return store_command(setting, given, member, arena, err);
	while (length && strchr("; \t\r\n", given->value[length - 1]))
		length--;
	*(struct errand *)member =
		(struct errand){ .text = arena_copy_n(arena, given->value, length) };
	return true;
}

static bool
store_jobs(const struct setting *setting, const struct given *given, void *member,
           struct arena *arena, struct err *err)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char *end;
	unsigned long jobs;

	(void)arena; /* the form of all stores */
	if (strcasecmp(given->value, setting->initial) == 0) {
		*(size_t *)member = cores < 1 ? 1 : cores < 4 ? (size_t)cores : 4;
		return true;
	}
	jobs = strtoul(given->value, &end, 10);
	if (*end || !isdigit((unsigned char)*given->value) || jobs < 1 || jobs > MOST_JOBS)
		return wrong(given, err, "is no number from 1 to 64");
	*(size_t *)member = jobs;
	return true;
}

static bool
store_mapping(const struct setting *setting, const struct given *given, void *member,
              struct arena *arena, struct err *err)
{
	struct mapping *mapping = arena_alloc(arena, sizeof *mapping);
	const char *why = setting->kind == KIND_CODES ? mapping_read_codes(mapping, given->value)
	                                              : mapping_read_signals(mapping, given->value);

	if (why)
		return wrong(given, err, why);
	*(const struct mapping **)member = mapping;
	return true;
}

bool
setting_store(const struct setting *setting, const struct given *given, struct config *config,
              struct arena *arena, struct err *err)
{
	static bool (*const stores[])(const struct setting *, const struct given *, void *,
	                              struct arena *, struct err *) = {
		[KIND_TEXT] = store_text,
		[KIND_SECRET] = store_text,
		[KIND_FLAG] = store_flag,
		[KIND_DURATION] = store_duration,
		[KIND_LIMIT] = store_limit,
		[KIND_CHOICE] = store_choice,
		[KIND_NAMES] = store_names,
		[KIND_FOLDER] = store_folder,
		[KIND_SCHEMA] = store_schema,
		[KIND_ENVIRONMENT] = store_environment,
		[KIND_COMMAND] = store_command,
		[KIND_PROOF] = store_proof,
		[KIND_VERSION] = store_version,
		[KIND_JOBS] = store_jobs,
		[KIND_CODES] = store_mapping,
		[KIND_SIGNALS] = store_mapping,
		[KIND_VOLUMES] = setting_store_volumes,
	};

	return stores[setting->kind](setting, given, (char *)config + setting->at, arena, err);
}
