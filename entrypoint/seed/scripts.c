/* See scripts.h. */
#include "scripts.h"

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../names.h"
#include "../scoped.h"
#include "../script.h"
#include "../sending.h"
#include "array.h"
#include "files.h"

struct question
scripts_question(const struct seeds *seeds, const struct config *config, struct arena *arena)
{
	static const char sql[] =
		"select exists (\n"
		"    select from unnest($1::text[], $2::text[]) as file (name, checksum)\n"
		"    where not exists (\n"
		"        select from %s.seed\n"
		"        where seed.name = file.name\n"
		"            and file.checksum = any (string_to_array(seed.checksum, ' '))))";
	struct text scripts = array_new(arena);
	struct text checksums = array_new(arena);
	const char **values = arena_alloc(arena, 2 * sizeof *values);

	for (size_t i = 0; i < seeds->count; i++) {
		if (!seeds->files[i].script)
			continue;
		array_add(&scripts, seeds->files[i].name);
		array_add(&checksums, seeds->files[i].script->checksum);
	}
	values[0] = array_end(&scripts);
	values[1] = array_end(&checksums);
	return (struct question){ arena_print(arena, sql, name_quoted(config->schema, arena)),
		                  SHAPE_VALUE, values, 2 };
}

bool
script_state(struct boot *boot, const struct script *script, enum script_state *state,
             struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *sql = arena_print(&arena,
	                              "select $2 = any (string_to_array(checksum, ' '))\n"
	                              "from %s.seed where name = $1",
	                              name_quoted(boot->config->schema, &arena));

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql, script->name, script->checksum), &answer, err))
		return err_within(err, "%s", script->source.path);
	if (!answer.rows)
		*state = SCRIPT_NEW;
	else
		*state = answer_is_true(&answer, 0, 0) ? SCRIPT_DONE : SCRIPT_CHANGED;
	return true;
}

static bool
split(struct batch *batch, const struct script *script, struct arena *arena, struct err *err)
{
	if (script->no_transaction)
		return err_set(
			err, FAULT_WRONG,
			"%s: no-transaction is for migrations; all seeds are one transaction",
			script->source.path);
	if (!script_split(batch, script, config_script_variable, arena, err))
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		struct place place;

		if (batch->statements[i].kind != STATEMENT_ALONE)
			continue;
		place = place_at(batch->statements[i].source, batch->statements[i].offset);
		(void)err_set(err, FAULT_WRONG,
		              "this cannot run in a transaction, and all seeds are one");
		return place_blame(&place, err);
	}
	return true;
}

/*
 * Notes the script, and takes back what it has set in the session. A rollback to an older image brings back a content
 * that has run: all that have are kept, the newest first.
 */
static const char *
after_sql(struct boot *boot, const struct script *script, struct arena *arena)
{
	return arena_print(arena,
	                   "reset role;\n"
	                   "%s"
	                   "insert into %s.seed (name, checksum, tool_version)\n"
	                   "values (%s, %s, %s)\n"
	                   "on conflict (name) do update\n"
	                   "set checksum = concat_ws(' ', excluded.checksum, seed.checksum),\n"
	                   "    finished_at = now(),\n"
	                   "    tool_version = excluded.tool_version",
	                   transaction_own_sql(boot, arena),
	                   name_quoted(boot->config->schema, arena),
	                   db_literal(boot->db, script->name, arena),
	                   db_literal(boot->db, script->checksum, arena),
	                   db_literal(boot->db, TOOL_VERSION, arena));
}

bool
script_run(struct boot *boot, const struct script *script, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct batch batch = { 0 };

	return split(&batch, script, &arena, err) &&
	       send_batch(boot, script, &batch, NULL, after_sql(boot, script, &arena), &arena, err);
}
