/* See noted.h. */
#include "noted.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "../ledger.h"
#include "../scoped.h"

#define KIND "initdb" /* of the run's row in the journal; KIND/NAME: of a file's */

/* The item of a file's row is its name, or, half run, a digest. */
static struct noted
take(const struct answer *answer, int row, struct arena *arena)
{
	const char *kind = arena_copy(arena, answer_at(answer, row, 0));
	const char *item = arena_copy(arena, answer_at(answer, row, 1));
	const bool is_place = strcmp(kind, KIND) == 0;
	const char *file = is_place ? item : kind + strlen(KIND "/");

	return (struct noted){
		.file = file,
		.statements = strtoul(answer_at(answer, row, 2), NULL, 10),
		.is_done = answer_at(answer, row, 3) != NULL,
		.is_place = is_place,
		.digest = strcmp(item, file) == 0 ? NULL : item,
		.kind = kind,
	};
}

bool
noted_read(struct noted_files *files, struct db *db, const struct config *config,
           struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!journal_read_tree(db, config, KIND, &answer, arena, err))
		return false;
	files->at = arena_alloc(arena, (size_t)answer.rows * sizeof *files->at);
	files->count = (size_t)answer.rows;
	for (int row = 0; row < answer.rows; row++)
		files->at[row] = take(&answer, row, arena);
	return true;
}

bool
noted_is_done(const struct noted_files *files, const char *file, bool is_shell, size_t *statements)
{
	bool is_done = false;

	*statements = 0;
	for (size_t i = 0; i < files->count; i++) {
		const struct noted *noted = &files->at[i];
		const int order = strcmp(file, noted->file);

		if (order == 0) {
			is_done |= noted->is_done || (is_shell && noted->statements);
			if (noted->statements > *statements)
				*statements = noted->statements;
		}
		is_done |= noted->is_place && order < 0;
	}
	return is_done;
}

const char *
noted_done_sql(struct db *db, const struct config *config, const char *file, struct arena *arena)
{
	return journal_sql(db, config, arena_join(arena, KIND, "/", file), file, 0, true, arena);
}

const char *
noted_half_sql(struct db *db, const struct config *config, const char *file, size_t statements,
               const char *digest, struct arena *arena)
{
	return journal_sql(db, config, arena_join(arena, KIND, "/", file), digest, statements,
	                   false, arena);
}

const char *
noted_end_sql(struct db *db, const struct config *config, const char *last, struct arena *arena)
{
	return arena_join(arena, journal_forget_tree_sql(db, config, KIND, arena), ";\n",
	                  journal_sql(db, config, KIND, last, 0, true, arena));
}
