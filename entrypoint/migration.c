/* See migration.h. */
#include "migration.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "folder.h"
#include "format.h"
#include "ledger.h"
#include "log.h"
#include "migration/peer.h"
#include "parallel.h"
#include "scoped.h"
#include "script.h"
#include "sort.h"

#define DATE_DIGITS 8
#define DOWN ".down.sql"

/* What the name of a file says; false where it is no migration. */
static bool
read_name(struct migration *migration, const char *file, struct arena *arena)
{
	const size_t digits = version_digits(file);
	const size_t stem = strlen(file) - strlen(".sql");

	migration->name = arena_copy_n(arena, file, stem);
	migration->is_repeatable = strncmp(file, "R__", 3) == 0 && stem > 3;
	if (migration->is_repeatable || digits == DATE_DIGITS)
		migration->version = migration->name;
	else
		migration->version = arena_copy_n(arena, file, digits);
	return migration->is_repeatable || (digits && (digits == stem || file[digits] == '_' ||
	                                               file[digits] == '-' || file[digits] == '.'));
}

/* The files of a folder, and what is made of them. */
struct reading {
	struct folder folder;
	struct migrations *migrations;
	struct migrations downs;               /* what takes one back, until all are there */
	struct script *scripts, *down_scripts; /* of each */
};

/* The migration that this file takes back. */
static const char *
named_as(const char *down, struct arena *arena)
{
	return arena_join(arena, arena_copy_n(arena, down, strlen(down) - strlen(DOWN)), ".sql",
	                  "");
}

/* The down section of another tool's file would run as well. */
static bool
refuse_marker(const struct script *script, struct err *err)
{
	const char *marker = format_marker(script);

	if (!marker)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s has a line like `%s`, but the first file has not",
	              script->source.path, marker);
	return err_hint(err, "say whose files these are: set migrations_format");
}

/* What its name says; *is_one: it is a migration, or takes one back. */
static bool
read_own_name(struct migration *migration, bool *is_down, bool *is_one, const char *path,
              const char *file, struct arena *arena, struct err *err)
{
	*is_down = folder_name_ends(file, DOWN);
	*is_one = folder_name_ends(file, ".sql");
	if (!*is_one) {
		log_warn("%s is no .sql file and is not run", path);
		return true;
	}
	if (read_name(migration, *is_down ? named_as(file, arena) : file, arena))
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: not the name of a migration", path);
	return err_hint(err, "name it 0001_what_it_does.sql, or R__what_it_does.sql if it is to "
	                     "run whenever it changes");
}

/* All but what is in it. */
static bool
add_file(struct reading *reading, const char *file, struct arena *arena, struct err *err)
{
	const char *path = arena_join(arena, reading->folder.path, "/", file);
	struct migration migration = { 0 };
	struct migrations *list;
	struct script *script;
	bool is_down, is_one;

	if (reading->migrations->format->read_stem)
		is_one = peer_read_name(&migration, &is_down, reading->migrations, path, file,
		                        arena);
	else if (!read_own_name(&migration, &is_down, &is_one, path, file, arena, err))
		return false;
	if (!is_one)
		return true;
	list = is_down ? &reading->downs : reading->migrations;
	script = (is_down ? reading->down_scripts : reading->scripts) + list->count;
	*script = (struct script){ .source.path = path, .name = file };
	migration.script = script;
	list->at[list->count++] = migration;
	return true;
}

/* What is in the i-th; also on another thread. */
static bool
read_file(void *of, size_t i, struct arena *arena, struct err *err)
{
	const struct reading *reading = of;
	const size_t count = reading->migrations->count;
	struct migration *migration =
		i < count ? &reading->migrations->at[i] : &reading->downs.at[i - count];
	struct script *script =
		i < count ? &reading->scripts[i] : &reading->down_scripts[i - count];
	struct source source;
	struct script *down;

	if (migration->peer) {
		if (!format_read_text(migration->peer, script, &down, &reading->folder, arena, err))
			return false;
		migration->down = down;
		return true;
	}
	return source_read(&source, reading->folder.descriptor, script->name, script->source.path,
	                   arena, err) &&
	       script_read(script, &source, script->name, arena, err) &&
	       (!reading->migrations->candidates || refuse_marker(script, err));
}

static bool
read_all(struct reading *reading, struct arena *arena, struct err *err)
{
	struct migrations *migrations = reading->migrations;

	if (!parallel_all(migrations->count + reading->downs.count, read_file, reading, arena, err))
		return false;
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		migration->checksum = migration->script->checksum;
		if (migration->is_repeatable && migration->script->variables &&
		    !script_checksum_with(migration->script, config_script_variable,
		                          &migration->checksum, arena, err))
			return false;
	}
	return true;
}

static bool
read_folder(struct reading *reading, struct arena *arena, struct err *err)
{
	const struct folder *folder = &reading->folder;

	for (size_t i = 0; i < folder->ignored_count; i++)
		log_warn("%s/%s is no file and is not run", folder->path, folder->ignored[i]);
	reading->migrations->at =
		arena_alloc(arena, folder->count * sizeof *reading->migrations->at);
	reading->scripts = arena_alloc(arena, folder->count * sizeof *reading->scripts);
	reading->downs.at = arena_alloc(arena, folder->count * sizeof *reading->downs.at);
	reading->down_scripts = arena_alloc(arena, folder->count * sizeof *reading->down_scripts);
	for (size_t i = 0; i < folder->count; i++)
		if (!add_file(reading, folder->names[i], arena, err))
			return false;
	return read_all(reading, arena, err);
}

static void
reading_end(struct reading *reading)
{
	folder_close(&reading->folder);
}

/* Versions, as the format of this file compares them. */
static int
compare(const struct migration *migration, const char *one, const char *other)
{
	return format_compare(migration->peer ? migration->peer->format : NULL, one, other);
}

static int
by_order(const void *one, const void *other)
{
	const struct migration *first = one, *second = other;

	if (first->is_repeatable != second->is_repeatable)
		return first->is_repeatable ? 1 : -1;
	return compare(first, first->version, second->version);
}

static bool
refuse_twins(const struct migrations *migrations, struct err *err)
{
	for (size_t i = 1; i < migrations->count; i++)
		if (by_order(&migrations->at[i - 1], &migrations->at[i]) == 0)
			return err_set(err, FAULT_WRONG, "%s and %s are the same version, %s",
			               migrations->at[i - 1].script->source.path,
			               migrations->at[i].script->source.path,
			               migrations->at[i].version);
	return true;
}

/* Each to the migration of its name. */
static void
pair_downs(struct migrations *migrations, const struct migrations *downs)
{
	for (size_t d = 0; d < downs->count; d++) {
		const struct migration *down = &downs->at[d];
		struct migration *migration = bsearch(down, migrations->at, migrations->count,
		                                      sizeof *migrations->at, by_order);

		/* Other tools know a migration by its version alone. */
		if (migration && (migration->peer || strcmp(migration->name, down->name) == 0))
			migration->down = down->script;
		else
			log_warn("%s takes nothing back: there is no %s.sql",
			         down->script->source.path, down->name);
	}
}

bool
migrations_read(struct migrations **migrations, const struct config *config, struct arena *arena,
                struct err *err)
{
	struct migrations *read = arena_alloc(arena, sizeof *read);
	SCOPED(reading_end)
	struct reading reading = { .folder.descriptor = -1, .migrations = read };

	if (config->migrations_dir &&
	    !folder_open(&reading.folder, config->migrations_dir, arena, err))
		return false;
	if (!format_choose(&read->format, &read->candidates, &read->evidence, &reading.folder,
	                   config, arena, err) ||
	    !read_folder(&reading, arena, err))
		return false;
	pg_qsort(read->at, read->count, sizeof *read->at, by_order);
	if (!refuse_twins(read, err))
		return false;
	pair_downs(read, &reading.downs);
	*migrations = read;
	return true;
}

const struct migration *
migrations_find(const struct migrations *migrations, const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (compare(migration, migration->version, name) == 0 ||
		    strcmp(migration->name, name) == 0 ||
		    strcmp(migration->script->name, name) == 0)
			return migration;
	}
	return NULL;
}

enum verdict
migration_verdict(const struct migration *migration, const struct entry *entry, const char *newest)
{
	const bool is_same = entry && strcmp(entry->checksum, migration->checksum) == 0;

	if (migration->is_repeatable)
		return is_same && entry->is_finished ? VERDICT_DONE : VERDICT_REPEAT;
	if (!entry)
		return newest && compare(migration, migration->version, newest) < 0
		             ? VERDICT_OUT_OF_ORDER
		             : VERDICT_APPLY;
	if (!entry->is_finished)
		return is_same ? VERDICT_RESUME : VERDICT_UNFINISHED;
	return is_same ? VERDICT_DONE : VERDICT_EDITED;
}

bool
migration_is_pending(const struct migration *migration)
{
	switch (migration->verdict) {
	case VERDICT_APPLY:
	case VERDICT_REPEAT:
	case VERDICT_RESUME:
	case VERDICT_OUT_OF_ORDER:
		return true;
	case VERDICT_DONE:
	case VERDICT_EDITED:
	case VERDICT_UNFINISHED:
		break;
	}
	return false;
}

static bool
is_repeatable_version(const char *version)
{
	return strncmp(version, "R__", 3) == 0;
}

/* Both lists are in the same order: one walk over them. */
static void
pair_up(struct migrations *migrations, const struct ledger *ledger, struct arena *arena)
{
	size_t i = 0, e = 0;

	while (i < migrations->count || e < ledger->count) {
		const int order = i == migrations->count ? 1
		                : e == ledger->count
		                        ? -1
		                        : compare(&migrations->at[i], migrations->at[i].version,
		                                  ledger->entries[e].version);

		if (order == 0)
			migrations->at[i].entry = &ledger->entries[e];
		if (order > 0 && !ledger->entries[e].is_finished)
			migrations->orphan = &ledger->entries[e];
		if (order > 0 && ledger->entries[e].is_finished) {
			migrations->missing =
				arena_grow(arena, (void *)migrations->missing,
			                   migrations->missing_count, sizeof *migrations->missing);
			migrations->missing[migrations->missing_count++] = &ledger->entries[e];
		}
		i += order <= 0;
		e += order >= 0;
	}
}

void
migrations_match(struct migrations *migrations, const struct ledger *ledger, struct arena *arena)
{
	migrations->newest = NULL;
	migrations->missing_count = 0;
	migrations->orphan = NULL;
	migrations->pending = 0;
	for (size_t i = 0; i < migrations->count; i++)
		migrations->at[i].entry = NULL;
	for (size_t e = 0; e < ledger->count; e++)
		if (!is_repeatable_version(ledger->entries[e].version))
			migrations->newest = ledger->entries[e].version;
	pair_up(migrations, ledger, arena);
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		migration->verdict =
			migration_verdict(migration, migration->entry, migrations->newest);
		migrations->pending += migration_is_pending(migration);
	}
}

/* Warns or fails, as the policy says; the hint belongs to the failure. */
static bool
hold(enum policy policy, const char *hint, struct err *err)
{
	if (policy == POLICY_WARN)
		log_warn("%s", err->what);
	if (policy == POLICY_ERROR)
		return err_hint(err, "%s", hint);
	err_clear(err);
	return true;
}

static bool
judge_one(const struct migration *migration, const char *newest, const struct config *config,
          struct err *err)
{
	const char *path = migration->script->source.path;

	switch (migration->verdict) {
	case VERDICT_EDITED:
		(void)err_set(
			err, FAULT_WRONG,
			"%s was changed after it was applied at %s: checksum %s in the ledger, %s now",
			path, migration->entry->started_at, migration->entry->checksum,
			migration->checksum);
		return hold(config->on_edited,
		            "take the change back and write a new migration, or set on_edited",
		            err);
	case VERDICT_OUT_OF_ORDER:
		(void)err_set(err, FAULT_WRONG, "%s is not applied, but the newer %s is", path,
		              newest);
		return hold(
			config->on_out_of_order,
			"give it a version above that, or set on_out_of_order to warn or ignore",
			err);
	case VERDICT_UNFINISHED:
		(void)err_set(err, FAULT_WRONG,
		              "%s was changed while it was half applied, %zu statements in", path,
		              migration->entry->statements);
		return err_hint(
			err,
			"put the file back as it was (checksum %s), or undo by hand what it "
			"did and delete its row from the ledger",
			migration->entry->checksum);
	case VERDICT_DONE:
	case VERDICT_APPLY:
	case VERDICT_REPEAT:
	case VERDICT_RESUME:
		break;
	}
	return true;
}

bool
migrations_tell_times(const struct migrations *migrations)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (migrations->at[i].verdict == VERDICT_EDITED)
			return true;
	return migrations->orphan != NULL;
}

bool
migrations_judge_least(const struct migrations *migrations, const char *least, struct err *err)
{
	const char *newest = migrations->newest;

	for (size_t i = 0; i < migrations->count; i++)
		if (!migrations->at[i].is_repeatable &&
		    (!newest || compare(&migrations->at[i], migrations->at[i].version, newest) > 0))
			newest = migrations->at[i].version;
	if (newest && format_compare(migrations->format, newest, least) >= 0)
		return true;
	return err_set(err, FAULT_WRONG, "the database is at version %s, min_version is %s",
	               newest ? newest : "none", least);
}

bool
migrations_judge(const struct migrations *migrations, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (!judge_one(&migrations->at[i], migrations->newest, config, err))
			return false;
	if (migrations->orphan) {
		(void)err_set(err, FAULT_WRONG,
		              "%s was begun at %s and is half applied, but there is no such file",
		              migrations->orphan->name, migrations->orphan->started_at);
		return err_hint(err, "start an image that has it; it goes on where it stopped");
	}
	if (migrations->missing_count) {
		(void)err_set(err, FAULT_WRONG,
		              "%zu applied migration%s not in %s, the first is %s",
		              migrations->missing_count,
		              migrations->missing_count > 1 ? "s are" : " is",
		              config->migrations_dir ? config->migrations_dir : "migrations_dir",
		              migrations->missing[0]->name);
		if (!hold(config->on_missing,
		          "an older image on a newer database? set on_missing to warn or ignore",
		          err))
			return false;
	}
	return true;
}

bool
migrations_proofread(const struct migrations *migrations, struct err *err)
{
	for (size_t i = 0; i < migrations->count; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		struct batch batch;

		if (migration_is_pending(&migrations->at[i]) &&
		    (!peer_may_run(&migrations->at[i], err) ||
		     !script_split(&batch, migrations->at[i].script, config_script_variable, &arena,
		                   err)))
			return false;
	}
	return true;
}

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_DONE] = "applied",
		[VERDICT_APPLY] = "pending",
		[VERDICT_REPEAT] = "changed",
		[VERDICT_RESUME] = "interrupted",
		[VERDICT_OUT_OF_ORDER] = "out of order",
		[VERDICT_EDITED] = "edited",
		[VERDICT_UNFINISHED] = "unfinished",
	};

	return names[verdict];
}
