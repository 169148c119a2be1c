/* What was set about a connection, and is not read. See target.h. */
#include <string.h>

#include "../config.h"
#include "../err.h"
#include "../target.h"

/* The words of other programs, and ours for the same. */
static const struct {
	const char *set, *read;
} strangers[] = {
	{ "DB_PASS", "DB_PASSWORD" },
	{ "DB_USERNAME", "DB_USER" },
	{ "DB_DATABASE", "DB_NAME" },
	{ "POSTGRES_PASS", "POSTGRES_PASSWORD" },
	{ "POSTGRES_USERNAME", "POSTGRES_USER" },
	{ "POSTGRES_DATABASE", "POSTGRES_DB" },
};

static const char *const files[] = { "PGPASSWORD_FILE", "POSTGRES_PASSWORD_FILE",
	                             "DB_PASSWORD_FILE" };

static bool
is_set(const char *name)
{
	const char *value = config_raw_variable(name);

	return value && *value;
}

/* PG, POSTGRES_, DB_: is it the family that the target was made of? */
static bool
is_of(const struct target *target, const char *name)
{
	return strncmp(target->from, name,
	               strncmp(name, "PG", 2) == 0 ? 2 : strcspn(name, "_") + 1) == 0;
}

bool
target_advise(const struct target *target, struct err *err)
{
	const bool has_password = target_value(target, "password");

	if (*err->hint || (err->fault != FAULT_LOGIN && strcmp(err->sqlstate, "3D000") != 0))
		return false;
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (is_of(target, strangers[i].set) && is_set(strangers[i].set) &&
		    !is_set(strangers[i].read))
			return err_hint(err, "%s is not read, but %s", strangers[i].set,
			                strangers[i].read);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (!has_password && is_of(target, files[i]) && is_set(files[i]))
			return err_hint(err, "the file that %s names is empty", files[i]);
	return false;
}

bool
target_advise_path(const struct target *target, struct err *err)
{
	/* A schema that is named is missing whatever the path is. */
	if (*err->hint || !target->search_path || strcmp(err->sqlstate, "3F000") != 0 ||
	    strchr(err->what, '"'))
		return false;
	return err_hint(err, "search_path is %s, since %s says so", target->search_path,
	                target->from);
}
