/* The values of the variables that a script declares, as SQL literals. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct script;

struct variables {
	struct variable {
		const char *name;
		const char *literal; /* 'quoted', or null */
	} * at;
	size_t count;
};

/* Asks for all of them: a bool of script.h's type script_variable. Fails as script_split says. */
bool variables_read(struct variables *variables, const struct script *script,
                    bool (*value_of)(const char *name, bool may_be_missing, const char **value,
                                     struct arena *arena, struct err *err),
                    struct arena *arena, struct err *err);

/* The literal of that variable, NULL: not declared. */
const char *variables_find(const struct variables *variables, const char *name);
