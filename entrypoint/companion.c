/* See companion.h. */
#include "companion.h"

#include <string.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "folder.h"
#include "ledger.h"
#include "migration.h"
#include "scoped.h"
#include "script.h"

static const char SNAPSHOT[] = "schema.sql", BEFORE[] = "before.sql", AFTER[] = "after.sql";

bool
companion_is(const char *file)
{
	return strcmp(file, SNAPSHOT) == 0 || strcmp(file, BEFORE) == 0 || strcmp(file, AFTER) == 0;
}

static bool
refuse(const struct script *script, size_t offset, const char *why, struct err *err)
{
	const struct place place = place_at(&script->source, offset);

	(void)err_set(err, FAULT_WRONG, "%s", why);
	return place_blame(&place, err);
}

bool
companion_refuse_marks(const struct script *script, bool is_repeatable, struct err *err)
{
	if (script->snapshot)
		return refuse(script, script->snapshot_offset, "only schema.sql can be a snapshot",
		              err);
	if (script->after_count && !is_repeatable)
		return refuse(script, script->after[0].offset,
		              "only a repeatable (R__name.sql) can come after another", err);
	return true;
}

/* All of it runs in one transaction with what tells that it was done. */
static bool
refuse_alone(const struct script *script, struct err *err)
{
	if (script->no_transaction)
		return refuse(script, 0, "this file cannot be no-transaction", err);
	return true;
}

bool
companion_proofread(const struct script *script, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct batch batch = { 0 };
	size_t i = 0;

	if (!script)
		return true;
	if (!script_split(&batch, script, config_script_variable, &arena, err))
		return false;
	if (!batch.has_alone)
		return true;
	while (batch.statements[i].kind != STATEMENT_ALONE)
		i++;
	return refuse(script, batch.statements[i].offset,
	              "this cannot run in a transaction, as this file does", err);
}

bool
companion_read(struct migrations *migrations, const struct folder *folder, const char *file,
               const char *path, struct arena *arena, struct err *err)
{
	struct script *script = arena_alloc(arena, sizeof *script);
	struct source source;

	if (!source_read(&source, folder->descriptor, file, path, arena, err) ||
	    !script_read(script, &source, file, arena, err) || !refuse_alone(script, err))
		return false;
	if (strcmp(file, SNAPSHOT) != 0) {
		*(strcmp(file, BEFORE) == 0 ? &migrations->before : &migrations->after) = script;
		return companion_refuse_marks(script, false, err);
	}
	migrations->snapshot = script;
	if (script->after_count)
		return refuse(script, script->after[0].offset,
		              "only a repeatable (R__name.sql) can come after another", err);
	if (script->snapshot)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: which version does it stand for?", path);
	return err_hint(err, "begin it with a line `-- pg-entrypoint: snapshot VERSION`");
}

bool
companion_judge_snapshot(const struct migrations *migrations, struct err *err)
{
	const struct script *script = migrations->snapshot;
	const size_t length = script ? strlen(script->snapshot) : 0;

	if (!script || version_digits(script->snapshot) != length)
		return true;
	for (size_t i = 0; i < migrations->count; i++) {
		const char *version = migrations->at[i].version;

		if (version_digits(version) == length && version[length] &&
		    strncmp(version, script->snapshot, length) == 0)
			return refuse(script, script->snapshot_offset,
			              "of a file of 8 digits the whole name is the version", err);
	}
	return true;
}
