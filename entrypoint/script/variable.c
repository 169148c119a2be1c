/* See variable.h. */
#include "variable.h"

#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../script.h"

/* As PQescapeLiteral does: with a backslash in it, E'...' behind a space. */
static const char *
quote(const char *value, struct arena *arena)
{
	const bool has_backslash = strchr(value, '\\') != NULL;
	struct text text = text_new(arena);

	text_add(&text, has_backslash ? " E'" : "'");
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			text_add_char(&text, *value);
		text_add_char(&text, *value);
	}
	text_add_char(&text, '\'');
	return text.at;
}

/* ENTRYPOINT_VAR_NAME */
static const char *
environment_name(const char *name, struct arena *arena)
{
	char *full = arena_print(arena, "ENTRYPOINT_VAR_%s", name);

	for (char *c = full; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return full;
}

static bool
read_one(struct variable *variable, const char *declared, script_variable *value_of,
         struct arena *arena, struct err *err)
{
	const size_t length = strlen(declared);
	const bool may_be_missing = declared[length - 1] == '?';
	const char *value = NULL;

	variable->name = arena_copy_n(arena, declared, length - may_be_missing);
	if (!value_of(variable->name, may_be_missing, &value, arena, err))
		return false;
	if (!value && !may_be_missing)
		return err_set(err, FAULT_CONFIG, "the variable %s is missing: set %s or %s_FILE",
		               variable->name, environment_name(variable->name, arena),
		               environment_name(variable->name, arena));
	if (value && source_first_wrong(value, strlen(value)) != strlen(value))
		return err_set(err, FAULT_CONFIG, "%s is not UTF-8",
		               environment_name(variable->name, arena));
	variable->literal = value ? quote(value, arena) : "null";
	return true;
}

bool
variables_read(struct variables *variables, const struct script *script, script_variable *value_of,
               struct arena *arena, struct err *err)
{
	struct variables read = { 0 };

	if (script->variables) {
		read.at = arena_alloc(arena, script->variables->count * sizeof *read.at);
		for (; read.count < script->variables->count; read.count++)
			if (!read_one(&read.at[read.count], script->variables->at[read.count],
			              value_of, arena, err))
				return err_within(err, "%s", script->source.path);
	}
	*variables = read;
	return true;
}

const char *
variables_find(const struct variables *variables, const char *name)
{
	for (size_t i = 0; i < variables->count; i++)
		if (strcmp(variables->at[i].name, name) == 0)
			return variables->at[i].literal;
	return NULL;
}
