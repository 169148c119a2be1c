/* Reading the folder of migrations. See ../migration.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../companion.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../format.h"
#include "../ledger.h"
#include "../log.h"
#include "../migration.h"
#include "../parallel.h"
#include "../repeatable.h"
#include "../scoped.h"
#include "../script.h"
#include "../sort.h"
#include "peer.h"

#define DOWN ".down.sql"

/* What the name of a file says; false where it is no migration. */
static bool
read_name(struct migration *migration, const char *file, struct arena *arena)
{
	const size_t digits = version_digits(file);
	const size_t stem = strlen(file) - strlen(".sql");

	migration->name = arena_copy_n(arena, file, stem);
	migration->is_repeatable = version_is_repeatable(file) && stem > 3;
	if (migration->is_repeatable || version_is_date(file))
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
	struct script *scripts;  /* of each migration */
	struct migrations downs; /* another tool's files that take one back: not read yet */
};

/* The down section of another tool's file would run as well. */
static bool
refuse_marker(const struct script *script, struct err *err)
{
	const char *looks;

	if (!format_by_marker(script->source.text, &looks))
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "files of two tools: %s has a line like `%s`, but the first file has not",
	              script->source.path, looks);
	return err_hint(err, FORMAT_REMEDY);
}

/* What its name says; *is_one: it is a migration. */
static bool
read_own_name(struct migration *migration, bool *is_one, const char *path, const char *file,
              struct arena *arena, struct err *err)
{
	const bool is_sql = folder_name_ends(file, ".sql");

	*is_one = is_sql && !folder_name_ends(file, DOWN);
	if (!is_sql)
		log_warn("%s is no .sql file and is not run", path);
	if (!*is_one || read_name(migration, file, arena))
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: not the name of a migration", path);
	return err_hint(err, "name it 0001_what_it_does.sql, or R__what_it_does.sql if it is to "
	                     "run whenever it changes; what others read with \\i lies in a "
	                     "subfolder");
}

/* All but what is in it. */
static bool
add_file(struct reading *reading, const char *file, struct arena *arena, struct err *err)
{
	const char *path = arena_join(arena, reading->folder.path, "/", file);
	struct migration migration = { 0 };
	struct migrations *list = reading->migrations;
	struct script *script;
	bool is_down = false, is_one;

	if (!list->format->read_stem && companion_is(file))
		return companion_read(list, &reading->folder, file, path, arena, err);
	if (list->format->read_stem)
		is_one = peer_read_name(&migration, &is_down, list, path, file, arena);
	else if (!read_own_name(&migration, &is_one, path, file, arena, err))
		return false;
	if (!is_one)
		return true;
	if (is_down)
		list = &reading->downs;
	script = is_down ? arena_alloc(arena, sizeof *script) : &reading->scripts[list->count];
	*script = (struct script){ .source.path = path, .name = file };
	migration.script = script;
	if (is_down)
		list->at = arena_grow(arena, list->at, list->count, sizeof *list->at);
	list->at[list->count++] = migration;
	return true;
}

/* What is in the i-th; also on another thread. */
static bool
read_file(void *of, size_t i, struct arena *arena, struct err *err)
{
	const struct reading *reading = of;
	struct migration *migration = &reading->migrations->at[i];
	struct script *script = &reading->scripts[i];
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
	       (!reading->migrations->is_guessed || refuse_marker(script, err));
}

/* With expect_schema another container has the variables' values, which may be secrets that are none of ours. */
static bool
has_variables(const struct migration *migration, const struct config *config)
{
	return migration->is_repeatable && migration->script->variables && !config->expect_schema;
}

static bool
read_all(struct reading *reading, const struct config *config, struct arena *arena, struct err *err)
{
	struct migrations *migrations = reading->migrations;

	if (!parallel_all(migrations->count, read_file, reading, arena, err))
		return false;
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		migration->checksum = migration->script->checksum;
		if (!companion_refuse_marks(migration->script,
		                            migration->is_repeatable && !migration->peer, err))
			return false;
		if (has_variables(migration, config) &&
		    !script_checksum_with(migration->script, config_script_variable,
		                          &migration->checksum, arena, err))
			return false;
	}
	return true;
}

/* Does one of its \i lines read a file from there? */
static bool
reads_from(const struct script *script, const char *real_folder)
{
	char real[PATH_MAX];

	for (size_t i = 0; script && i < script->included_count; i++)
		if (realpath(script->included[i], real) && folder_holds(real_folder, real))
			return true;
	return false;
}

static bool
is_read_from(const struct migrations *migrations, const char *folder)
{
	char real[PATH_MAX];

	if (!realpath(folder, real))
		return false;
	for (size_t i = 0; i < migrations->count; i++)
		if (reads_from(migrations->at[i].script, real))
			return true;
	return reads_from(migrations->snapshot, real) || reads_from(migrations->before, real) ||
	       reads_from(migrations->after, real);
}

static void
tell_ignored(const struct reading *reading, struct arena *arena)
{
	const struct folder *folder = &reading->folder;

	for (size_t i = 0; i < folder->ignored_count; i++) {
		const char *path = arena_join(arena, folder->path, "/", folder->ignored[i]);

		if (!is_read_from(reading->migrations, path))
			log_warn("%s is no file and is not run", path);
	}
}

static bool
read_folder(struct reading *reading, const struct config *config, struct arena *arena,
            struct err *err)
{
	const struct folder *folder = &reading->folder;

	reading->migrations->at =
		arena_alloc(arena, folder->count * sizeof *reading->migrations->at);
	reading->scripts = arena_alloc(arena, folder->count * sizeof *reading->scripts);
	for (size_t i = 0; i < folder->count; i++)
		if (!add_file(reading, folder->names[i], arena, err))
			return false;
	if (!read_all(reading, config, arena, err))
		return false;
	tell_ignored(reading, arena);
	return true;
}

static void
reading_end(struct reading *reading)
{
	folder_close(&reading->folder);
}

static int
by_order(const void *one, const void *other)
{
	const struct migration *first = one, *second = other;

	if (first->is_repeatable != second->is_repeatable)
		return first->is_repeatable ? 1 : -1;
	return migration_compare(first, first->version, second->version);
}

static bool
is_baseline(const struct migration *migration)
{
	return migration->peer && migration->peer->is_baseline;
}

static bool
stands_for(const struct migration *one, const struct migration *baseline)
{
	return !is_baseline(one) && by_order(one, baseline) == 0;
}

/* The version itself does the same, together with those before it. */
static void
leave_out_baselines(struct migrations *migrations)
{
	const struct migration *const at = migrations->at;
	const size_t count = migrations->count;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_baseline(&at[i]) && ((i > 0 && stands_for(&at[i - 1], &at[i])) ||
		                            (i + 1 < count && stands_for(&at[i + 1], &at[i]))))
			log_debug("%s is left out: version %s is there", at[i].script->source.path,
			          at[i].version);
		else
			migrations->at[kept++] = at[i];
	}
	migrations->count = kept;
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

/* Each to the migration of its version, by which other tools know it. */
static bool
pair_downs(struct migrations *migrations, const struct migrations *downs, struct err *err)
{
	for (size_t d = 0; d < downs->count; d++) {
		const struct migration *down = &downs->at[d];
		struct migration *migration = bsearch(down, migrations->at, migrations->count,
		                                      sizeof *migrations->at, by_order);

		if (!migration)
			log_warn("%s takes nothing back: there is no version %s",
			         down->script->source.path, down->version);
		else if (migration->down)
			return err_set(err, FAULT_WRONG, "%s and %s both take version %s back",
			               migration->down->source.path, down->script->source.path,
			               migration->version);
		else
			migration->down = down->script;
	}
	return true;
}

bool
migrations_read(struct migrations **migrations, const struct config *config, struct arena *arena,
                struct err *err)
{
	struct migrations *read = arena_alloc(arena, sizeof *read);
	SCOPED(reading_end)
	struct reading reading = { .folder.descriptor = -1, .migrations = read };

	read->is_guessed = !config->migrations_format;
	if (config->migrations_dir &&
	    !folder_open(&reading.folder, config->migrations_dir, arena, err))
		return err_within(err, "%s", config_called(config, "migrations_dir", arena));
	if (!format_choose(&read->format, &read->candidates, &read->evidence, &reading.folder,
	                   config, arena, err) ||
	    !read_folder(&reading, config, arena, err))
		return false;
	pg_qsort(read->at, read->count, sizeof *read->at, by_order);
	leave_out_baselines(read);
	if (!refuse_twins(read, err) || !companion_judge_snapshot(read, err) ||
	    !repeatables_order(read, arena, err) || !pair_downs(read, &reading.downs, err))
		return false;
	read->limit = read->count;
	read->arena = arena;
	*migrations = read;
	return true;
}

/* Our own file beside it, if it is there. */
static bool
find_own_down(const struct migration *migration, struct source *source, struct arena *arena,
              struct err *err)
{
	const char *path = migration->script->source.path;
	const size_t stem = strlen(path) - strlen(".sql");

	path = arena_join(arena, arena_copy_n(arena, path, stem), DOWN, "");
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	return source_read(source, AT_FDCWD, path, path, arena, err);
}

bool
migration_read_down(const struct migration *migration, const struct script **down,
                    struct arena *arena, struct err *err)
{
	struct script *script = arena_alloc(arena, sizeof *script);
	struct source source = { 0 };

	*down = migration->down;
	if (migration->peer && (!*down || (*down)->source.text))
		return true;
	if (migration->peer) {
		if (!peer_read_down(migration, script, arena, err))
			return false;
	} else {
		if (!find_own_down(migration, &source, arena, err))
			return false;
		if (!source.text)
			return true;
		if (!script_read(script, &source, strrchr(source.path, '/') + 1, arena, err))
			return false;
	}
	*down = script;
	return true;
}
