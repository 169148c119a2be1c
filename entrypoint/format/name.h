/* What the names of other tools' migrations say. */
#pragma once

#include <stdbool.h>

struct arena;

struct stem {
	const char *version; /* as the tool's history has it; of a repeatable R__ and its name */
	const char *name;
	const char *description;
	bool is_down;
	bool is_repeatable;
	bool is_baseline;    /* stands for all up to its version */
	const char *refusal; /* a kind of migration that is not run here, or NULL */
};

/* Each reads a file's name without its ending; false: no migration of the tool's. Pure. */
bool stem_dbmate(struct stem *stem, const char *text, struct arena *arena);
bool stem_goose(struct stem *stem, const char *text, struct arena *arena);
bool stem_golang_migrate(struct stem *stem, const char *text, struct arena *arena);
bool stem_sqlx(struct stem *stem, const char *text, struct arena *arena);
bool stem_flyway(struct stem *stem, const char *text, struct arena *arena);
bool stem_node_pg_migrate(struct stem *stem, const char *text, struct arena *arena);

/* dbmate compares versions as text, but sorts its files by their names, where an underscore follows. */
int version_compare_text(const char *one, const char *other);

/* Flyway sorts repeatables behind versions, by their descriptions. */
int version_compare_flyway(const char *one, const char *other);

/* node-pg-migrate keeps whole names, and sorts them by the number or the UTC time that they begin with. */
int version_compare_node_pg_migrate(const char *one, const char *other);
