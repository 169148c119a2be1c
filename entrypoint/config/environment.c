/* The environment: the only file that reads it, or changes it for the application. */
#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../clock.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../signals.h"
#include "../spelling.h"
#include "setting.h"

#define OURS "ENTRYPOINT_"
#define SCRIPTS "ENTRYPOINT_VAR_"
#define FILE_FORM "_FILE"
/* More than any secret or ini file: a mistake is noticed before it fills the memory. */
#define LONGEST_FILE ((size_t)1 << 20)
/* A word of lower case that is longer may be a key in hexadecimal. */
#define LONGEST_PLAIN ((size_t)16)

static bool
starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Length of a name without the ending _FILE, or of all of it. */
static size_t
length_without_file(const char *name)
{
	const size_t length = strlen(name), end = strlen(FILE_FORM);

	return length > end && strcmp(name + length - end, FILE_FORM) == 0 ? length - end : length;
}

/* As the official images have it, an empty variable is one that is not set. */
static const char *
get(const char *name)
{
	const char *const value = getenv(name);

	return value && *value ? value : NULL;
}

/*
 * read(2), but a signal ends the wait for a FIFO's writer: -1 with err. Before that writer has come Linux tells no end to poll,
 * though it would to read.
 */
static ssize_t
read_some(int file, char *at, size_t length, struct err *err)
{
	struct pollfd polled = { .fd = file, .events = POLLIN };
	ssize_t got;
	int ready;

	do {
		if (!signals_poll(&polled, 1, CLOCK_NEVER, &ready, err))
			return -1;
		got = read(file, at, length);
	} while (got < 0 && errno == EAGAIN);
	return got;
}

bool
environment_file(const char *path, const char *source, const char **bytes, size_t *length,
                 struct arena *arena, struct err *err)
{
	SCOPED(descriptor_close) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	/* What is no path may be the secret itself in the wrong variable: it is not quoted. */
	const char *const shown = strchr("/.", *path) ? path : "the file that it names";
	char *const content = arena_alloc(arena, LONGEST_FILE + 1);
	size_t filled = 0;
	struct err ended = { 0 };
	ssize_t got = -1;

	while (file >= 0 &&
	       (got = read_some(file, content + filled, LONGEST_FILE - filled, &ended)) > 0)
		filled += (size_t)got;
	if (ended.fault) {
		*err = ended;
		return false;
	}
	if (got < 0) {
		(void)err_errno(err, FAULT_CONFIG, "%s: %s", source, shown); /* false below */
		return *path == '/' ? false : err_hint(err, "give the absolute path");
	}
	if (filled == LONGEST_FILE)
		return err_set(err, FAULT_CONFIG, "%s: %s: longer than 1 MiB", source, shown);
	if (memchr(content, '\0', filled))
		return err_set(err, FAULT_CONFIG, "%s: %s: holds a NUL byte", source, shown);
	*bytes = content;
	*length = filled;
	return true;
}

/* What FIFOs and the like gave for variables, which they give but once: part of the environment, and as long-lived. */
static struct {
	struct arena arena;
	struct piped {
		const char *path, *value;
	} * at;
	size_t count;
} piped;

static const char *
find_piped(const char *path)
{
	for (size_t i = 0; i < piped.count; i++)
		if (strcmp(piped.at[i].path, path) == 0)
			return piped.at[i].value;
	return NULL;
}

static void
keep_piped(const char *path, const char *value)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		return;
	piped.at = arena_grow(&piped.arena, piped.at, piped.count, sizeof *piped.at);
	piped.at[piped.count++] =
		(struct piped){ arena_copy(&piped.arena, path), arena_copy(&piped.arena, value) };
}

/* The official image's file_env; a carriage return before the newline goes too. */
static bool
read_secret(const char *path, const char *source, const char **value, struct arena *arena,
            struct err *err)
{
	SCOPED(arena_drop) struct arena whole = { 0 };
	const char *bytes = find_piped(path);
	size_t length;

	if (bytes) {
		*value = arena_copy(arena, bytes);
		return true;
	}
	if (!environment_file(path, source, &bytes, &length, &whole, err))
		return false;
	while (length && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	*value = arena_copy_n(arena, bytes, length);
	keep_piped(path, *value);
	return true;
}

/* As get for both forms of a name, in one walk and without a call for each variable: a start looks up a hundred. */
static void
get_both(const char *name, const char **value, const char **path)
{
	const size_t length = strlen(name);
	const char *found = "", *of_file = "";

	for (char **variable = environ; variable && *variable; variable++) {
		const char *const rest = *variable + length;

		if (**variable != *name || strncmp(*variable, name, length) != 0)
			continue;
		if (*rest == '=' && !*found)
			found = rest;
		else if (starts_with(rest, FILE_FORM "=") && !*of_file)
			of_file = rest + strlen(FILE_FORM);
	}
	/* Each at its `=`. */
	*value = *found && found[1] ? found + 1 : NULL;
	*path = *of_file && of_file[1] ? of_file + 1 : NULL;
}

bool
config_variable(const char *name, const char **value, const char **source, struct arena *arena,
                struct err *err)
{
	const char *const file_form = arena_join(arena, name, FILE_FORM, "");
	const char *path, *found;

	get_both(name, &found, &path);
	if (found && path)
		return err_set(err, FAULT_CONFIG, "%s and %s are both set", name, file_form);
	if (path && !read_secret(path, file_form, &found, arena, err))
		return false;
	*value = found;
	if (source)
		*source = path ? file_form : arena_copy(arena, name);
	return true;
}

static bool
refuse_unset(const char *variable, struct arena *arena, struct err *err)
{
	const struct names names = config_script_variables(arena);

	(void)err_set(err, FAULT_CONFIG, "neither %s nor %s" FILE_FORM " is set", variable,
	              variable); /* false below */
	for (size_t i = 0; i < names.count; i++)
		if (spelling_is_near(variable + strlen(SCRIPTS), names.at[i] + strlen(SCRIPTS)))
			return err_hint(err, "%s is set: is it that one?", names.at[i]);
	return false;
}

bool
config_hides(const char *variable, const char *value, const char *source)
{
	static const char *const words[] = { "PASS", "PWD",        "PW",   "SECRET", "TOKEN",
		                             "KEY",  "CREDENTIAL", "AUTH", "SALT",   "PIN" };
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

	if (length_without_file(source) < strlen(source) || strlen(value) > LONGEST_PLAIN ||
	    strspn(value, plain) < strlen(value))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(variable + strlen(SCRIPTS), words[i]))
			return true;
	return false;
}

bool
config_script_variable(const char *name, bool may_be_missing, const char **value,
                       struct arena *arena, struct err *err)
{
	const char *const variable = setting_variable(arena_print(arena, "var_%s", name), arena);
	const char *found, *source;

	if (!config_variable(variable, &found, &source, arena, err))
		return false;
	if (!found && !may_be_missing)
		return refuse_unset(variable, arena, err);
	if (found && config_hides(variable, found, source))
		log_secret(found);
	*value = found;
	return true;
}

/* The name of a variable, or NULL for what is none. */
static const char *
name_of(const char *variable, struct arena *arena)
{
	const char *const equals = strchr(variable, '=');

	return equals ? arena_copy_n(arena, variable, (size_t)(equals - variable)) : NULL;
}

struct names
config_script_variables(struct arena *arena)
{
	struct names names = { 0 };

	for (char **variable = environ; variable && *variable; variable++) {
		const char *name = name_of(*variable, arena);
		size_t i = 0;

		if (!name || !starts_with(name, SCRIPTS))
			continue;
		name = arena_copy_n(arena, name, length_without_file(name));
		while (i < names.count && strcmp(names.at[i], name) != 0)
			i++;
		if (i < names.count)
			continue;
		names.at = arena_grow(arena, names.at, names.count, sizeof *names.at);
		names.at[names.count++] = name;
	}
	return names;
}

const char *
environment_config_file(void)
{
	return get(OURS "CONFIG");
}

/* Is there the word, with _ or an end on both its sides? */
static bool
has_word(const char *name, const char *word)
{
	for (const char *at = strstr(name, word); at; at = strstr(at + 1, word))
		if (at > name && at[-1] == '_' && strchr("_", at[strlen(word)]))
			return true;
	return false;
}

/* {NAME}_SERVICE_HOST, {NAME}_SERVICE_PORT_HTTP, {NAME}_PORT, {NAME}_PORT_80_TCP_ADDR: a service's. */
static bool
is_from_kubernetes(const char *name)
{
	return has_word(name, "SERVICE_HOST") || has_word(name, "PORT");
}

/* The setting that was meant by a name that no setting has, or NULL. */
static const char *
meant(const char *name, struct arena *arena)
{
	char *const key = arena_copy(arena, name + strlen(OURS));
	const char *near;

	for (char *c = key; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	near = setting_near(key);
	if (near || length_without_file(name) == strlen(name))
		return near;
	key[strlen(key) - strlen(FILE_FORM)] = '\0';
	return setting_near(key);
}

static bool
is_known(const char *name, struct arena *arena)
{
	const size_t length = length_without_file(name);

	for (const struct setting *row = settings; row->key; row++) {
		const char *const variable = setting_variable(row->key, arena);

		if (strcmp(variable, name) == 0)
			return true;
		if (strcmp(row->key, "config") != 0 && strlen(variable) == length &&
		    strncmp(variable, name, length) == 0)
			return true;
	}
	return false;
}

bool
environment_check(struct arena *arena, struct err *err)
{
	struct text strangers = text_new(arena);

	for (char **variable = environ; variable && *variable; variable++) {
		const char *const name = name_of(*variable, arena);
		const char *near;

		if (!name || !starts_with(name, OURS) || starts_with(name, SCRIPTS) ||
		    is_known(name, arena))
			continue;
		near = meant(name, arena);
		if (near) {
			(void)err_set(err, FAULT_CONFIG, "unknown variable %s", name);
			return err_hint(err, "did you mean %s?", setting_variable(near, arena));
		}
		if (!is_from_kubernetes(name))
			text_print(&strangers, "%s%s", strangers.length ? ", " : "", name);
	}
	/* An image that was rolled back must start with a newer one's settings. */
	if (strangers.length)
		log_warn("unknown variables, ignored: %s", strangers.at);
	return true;
}

/* Logins that are not the application's: no setting hands them on. */
static void
withhold(void)
{
	static const char *const names[] = { OURS "ADMIN_URL", OURS "ADMIN_URL" FILE_FORM,
		                             OURS "RESTORE_AS", OURS "RESTORE_AS" FILE_FORM };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unsetenv(names[i]); /* fails for malformed names only */
}

bool
config_hand_over(const struct config *config, struct arena *arena, struct err *err)
{
	struct names ours = { 0 };
	const char *url;

	if (!config_variable("DATABASE_URL", &url, NULL, arena, err))
		return false;
	if (get("DATABASE_URL" FILE_FORM) && setenv("DATABASE_URL", url, true) != 0)
		return err_errno(err, FAULT_SYSTEM, "DATABASE_URL");
	(void)unsetenv("DATABASE_URL" FILE_FORM); /* fails for malformed names only */
	withhold();
	if (!config->scrub)
		return true;
	for (char **variable = environ; variable && *variable; variable++)
		if (starts_with(*variable, OURS) && name_of(*variable, arena)) {
			ours.at = arena_grow(arena, ours.at, ours.count, sizeof *ours.at);
			ours.at[ours.count++] = name_of(*variable, arena);
		}
	for (size_t i = 0; i < ours.count; i++)
		(void)unsetenv(ours.at[i]); /* fails for malformed names only */
	return true;
}

const char *
config_raw_variable(const char *name)
{
	return getenv(name);
}

bool
config_export(const char *name, const char *value, struct err *err)
{
	return setenv(name, value, true) == 0 || err_errno(err, FAULT_SYSTEM, "%s", name);
}
