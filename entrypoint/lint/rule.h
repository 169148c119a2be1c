/* The rules: one table, a row each, or several rows of one name where the words differ. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct act;
struct arena;
struct scene;
struct text;

struct rule {
	const char *name;
	int kind; /* enum act_kind; ACT_ANY: all */
	/* The act to blame, usually the one it is asked about; NULL: all is well. Pure. */
	const struct act *(*blames)(const struct act *act, const struct scene *scene);
	const char *hazard; /* {table} and the like are filled in (rule_fill) */
	const char *hint;   /* the safe form */
	int before, since;  /* only on servers before, or from this major version on; 0: all */
};

/* Ends with a NULL name. */
extern const struct rule rules[];

/* All of them, for people. */
void rules_describe(struct text *page);

/* Is it one of the names? */
bool rule_exists(const char *name);

/* The name that somebody probably meant, or NULL. */
const char *rule_near(const char *name);

/* Does this row say something on that server? */
bool rule_is_for(const struct rule *rule, int server_version);

/* hazard or hint with what {table}, {object}, {type}, {from}, {words}, {other} and {function} are for that act. */
const char *rule_fill(const char *pattern, const struct act *act, const struct scene *scene,
                      struct arena *arena);
