/* Where the value of a setting comes from: option, variable, ini file, default. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../sections.h"
#include "environment.h"
#include "options.h"
#include "setting.h"

#define SECTION "pg-entrypoint"

/* What was set for each row of settings, and from the ini file beside it, to see doubles. */
struct reading {
	struct given *given, *lines;
	const char *path;
	struct arena *arena;
};

static size_t
row(const char *key)
{
	return setting_find(key, strlen(key));
}

static bool
read_variables(const struct reading *reading, struct err *err)
{
	struct given *const config = &reading->given[row("config")];

	if (!config->value && environment_config_file())
		*config = (struct given){ environment_config_file(), "ENTRYPOINT_CONFIG" };
	for (size_t i = 0; i < settings_count; i++) {
		struct given found;

		if (&reading->given[i] == config)
			continue;
		/* Read even where an option counts: both of a pair is an error all the same. */
		if (!config_variable(setting_variable(settings[i].key, reading->arena),
		                     &found.value, &found.source, reading->arena, err))
			return false;
		if (found.value && !*found.value)
			return err_set(err, FAULT_CONFIG, "%s: the file is empty", found.source);
		if (!reading->given[i].value)
			reading->given[i] = found;
	}
	return true;
}

/* The setting that an unknown key of the file was to be, or NULL. */
static const char *
meant_by(const char *key, struct arena *arena)
{
	char *lower = arena_copy(arena, key);

	for (char *at = lower; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return strcmp(lower, "database_url") == 0 ? "url" : setting_near(lower);
}

static bool
read_line(void *to, const char *section, const char *key, const char *value, size_t number,
          struct err *err)
{
	const struct reading *const reading = to;
	const char *const where = arena_print(reading->arena, "%s:%zu", reading->path, number);
	size_t index;

	if (*section && strcmp(section, SECTION) != 0)
		return err_set(err, FAULT_CONFIG, "%s: unknown section [%s]", where, section);
	if (!key)
		return true;
	index = row(key);
	if (index == settings_count || strchr(key, '-')) {
		const char *const near = meant_by(key, reading->arena);

		(void)err_set(err, FAULT_CONFIG, "%s: unknown setting %s", where, key);
		return near ? err_hint(err, "did you mean %s?", near) : false;
	}
	if (index == row("config"))
		return err_set(err, FAULT_CONFIG, "%s: %s cannot be set in the file itself", where,
		               key);
	if (reading->lines[index].source)
		return err_set(err, FAULT_CONFIG, "%s: %s is set already, in %s", where, key,
		               reading->lines[index].source);
	reading->lines[index].source = where;
	if (*value)
		reading->lines[index].value = arena_copy(reading->arena, value);
	return true;
}

static bool
read_ini_file(struct reading *reading, struct err *err)
{
	SCOPED(arena_drop) struct arena whole = { 0 };
	const struct given *const config = &reading->given[row("config")];
	const char *text;
	size_t length;

	reading->path = config->value ? config->value : settings[row("config")].initial;
	if (!config->value && access(reading->path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (access(reading->path, R_OK) != 0) {
		err_errno_(err, FAULT_CONFIG, "%s: %s", config->value ? config->source : "settings",
		           reading->path);
		return *reading->path == '/' ? false : err_hint(err, "give the absolute path");
	}
	if (!environment_file(reading->path, config->value ? config->source : "settings", &text,
	                      &length, &whole, err) ||
	    !sections_read(text, length, reading->path, read_line, reading, err))
		return false;
	for (size_t i = 0; i < settings_count; i++)
		if (!reading->given[i].value)
			reading->given[i] = reading->lines[i];
	return true;
}

static bool
store(struct config *config, size_t index, const struct reading *reading, struct err *err)
{
	const struct given initial = { settings[index].initial, settings[index].key };
	const struct given *const given = &reading->given[index];

	return setting_store(&settings[index], given->value ? given : &initial, config,
	                     reading->arena, err);
}

/* Where each was set, NULL: nowhere. */
static const char *const *
sources(const struct reading *reading)
{
	const char **at = arena_alloc(reading->arena, settings_count * sizeof *at);

	for (size_t i = 0; i < settings_count; i++)
		at[i] = reading->given[i].value ? reading->given[i].source : NULL;
	return at;
}

/* The log comes first, so that the rest is told in the form that was asked for. */
static bool
store_all(struct config *config, const struct reading *reading, struct err *err)
{
	if (!store(config, row("log_level"), reading, err) ||
	    !store(config, row("log"), reading, err))
		return false;
	log_open((enum log_level)config->log_level, config->log_json);
	for (size_t i = 0; i < settings_count; i++)
		if (!store(config, i, reading, err))
			return false;
	config->sources = sources(reading);
	if (config->url)
		config->url_from = reading->given[row("url")].source;
	if (config->admin_url)
		config->admin_url_from = reading->given[row("admin_url")].source;
	if (config->on_empty == ON_EMPTY_DEFAULT)
		config->on_empty = config->restore_from ? ON_EMPTY_RESTORE : ON_EMPTY_INIT;
	return true;
}

static bool
has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static bool
is_step(const char *word, const struct vocabulary *vocabulary)
{
	const char *const *step = vocabulary->steps;

	while (*step && strcmp(*step, word) != 0)
		step++;
	return *step;
}

static bool
check_steps(const struct names *names, const char *key, const struct reading *reading,
            const struct vocabulary *vocabulary, struct err *err)
{
	const bool knows_all = strcmp(key, "skip") == 0;
	struct text list;

	for (size_t i = 0; i < names->count; i++) {
		if (is_step(names->at[i], vocabulary) ||
		    (knows_all && strcmp(names->at[i], "all") == 0))
			continue;
		(void)err_set(err, FAULT_CONFIG, "%s: no step of boot is called %s",
		              reading->given[row(key)].source, names->at[i]); /* false below */
		if (setting_find(names->at[i], strlen(names->at[i])) != settings_count)
			return err_hint(err, "%s is a setting of its own: see `help settings`",
			                names->at[i]);
		list = text_new(reading->arena);
		for (const char *const *step = vocabulary->steps; *step; step++)
			text_print(&list, " %s", *step);
		return err_hint(err, "the steps:%s%s", list.at, knows_all ? "; or all" : "");
	}
	return true;
}

bool
config_read(struct config *config, struct request *request, char **argv,
            const struct vocabulary *vocabulary, struct arena *arena, struct err *err)
{
	struct reading reading = { .arena = arena };
	struct config found = { 0 };
	struct request asked = { 0 };
	const char *unused;
	bool is_about_us;

	reading.given = arena_alloc(arena, settings_count * sizeof *reading.given);
	reading.lines = arena_alloc(arena, settings_count * sizeof *reading.lines);
	if (!options_read(&asked, reading.given, argv, vocabulary, arena, err))
		return false;
	is_about_us = strcmp(asked.command, "help") == 0 || strcmp(asked.command, "version") == 0;
	if (!is_about_us && (!read_variables(&reading, err) || !read_ini_file(&reading, err)))
		return false;
	if (!store_all(&found, &reading, err) ||
	    !check_steps(&found.only, "only", &reading, vocabulary, err) ||
	    !check_steps(&found.skip, "skip", &reading, vocabulary, err))
		return false;
	/* What config_hand_over will need must not fail after all the work. */
	if (!is_about_us && (!environment_check(arena, err) ||
	                     !config_variable("DATABASE_URL", &unused, NULL, arena, err)))
		return false;
	*config = found;
	*request = asked;
	return true;
}

bool
config_wants(const struct config *config, const char *step)
{
	if (has_name(&config->skip, step) || has_name(&config->skip, "all"))
		return false;
	return config->only.count == 0 || has_name(&config->only, step);
}
