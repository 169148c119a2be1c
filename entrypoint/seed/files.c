/* See files.h and seed.h. */
#include "files.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "../folder.h"
#include "../ledger.h"
#include "../log.h"
#include "../scoped.h"
#include "../script.h"
#include "../seed.h"
#include "../sheet.h"
#include "question.h"
#include "scripts.h"

/* Seeds for every environment. */
static const char COMMON[] = "common";

struct reading {
	struct seeds *seeds;
	struct folder *folder;
	struct arena *arena;
};

static bool
exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 || errno != ENOENT;
}

/* The folder's file that is called as this one but for the extension, or NULL. */
static const char *
beside(const struct reading *reading, const char *name, const char *extension)
{
	const int stem = (int)(strrchr(name, '.') - name);
	const char *wanted = arena_print(reading->arena, "%.*s%s", stem, name, extension);

	for (size_t i = 0; i < reading->folder->count; i++)
		if (strcmp(reading->folder->names[i], wanted) == 0)
			return wanted;
	return NULL;
}

static bool
read_source(const struct reading *reading, const char *name, struct source *source, struct err *err)
{
	return source_read(source, reading->folder->descriptor, name,
	                   arena_join(reading->arena, reading->folder->path, "/", name),
	                   reading->arena, err);
}

static void
add_file(const struct reading *reading, struct seed_file file)
{
	struct seeds *seeds = reading->seeds;

	seeds->files = arena_grow(reading->arena, seeds->files, seeds->count, sizeof *seeds->files);
	seeds->files[seeds->count++] = file;
	seeds->sheet_count += file.sheet != NULL;
	seeds->script_count += file.script != NULL;
}

static bool
add_sheet(const struct reading *reading, const char *name, struct err *err)
{
	const char *heading = folder_name_ends(name, ".csv") ? beside(reading, name, ".ini") : NULL;
	struct source source, heading_source;
	struct sheet *sheet;

	if (!read_source(reading, name, &source, err) ||
	    (heading && !read_source(reading, heading, &heading_source, err)))
		return false;
	if (folder_name_ends(name, ".csv")
	            ? !sheet_read_csv(&sheet, &source, heading ? &heading_source : NULL,
	                              reading->arena, err)
	            : !sheet_read_ini(&sheet, &source, reading->arena, err))
		return false;
	if (sheet->row_count)
		add_file(reading, (struct seed_file){ .name = sheet->name, .sheet = sheet });
	else
		log_warn("%s has no rows", source.path);
	return true;
}

static bool
add_script(const struct reading *reading, const char *name, struct err *err)
{
	const char *folder = strrchr(reading->folder->path, '/');
	struct script *script = arena_alloc(reading->arena, sizeof *script);
	struct source source;
	const char *full;

	full = arena_print(reading->arena, "%s/%s", folder ? folder + 1 : reading->folder->path,
	                   name);
	if (!read_source(reading, name, &source, err) ||
	    !script_read(script, &source, full, reading->arena, err))
		return false;
	add_file(reading, (struct seed_file){ .name = full, .script = script });
	return true;
}

static bool
add_one(const struct reading *reading, const char *name, struct err *err)
{
	if (folder_name_ends(name, ".ini") && beside(reading, name, ".csv"))
		return true;
	if (folder_name_ends(name, ".ini") || folder_name_ends(name, ".csv"))
		return add_sheet(reading, name, err);
	if (folder_name_ends(name, ".sql"))
		return add_script(reading, name, err);
	log_warn("%s/%s is not read: a seed is an .ini, .csv or .sql file", reading->folder->path,
	         name);
	return true;
}

/* By the number in front, then by name. */
static int
compare(const struct seed_file *one, const struct seed_file *other)
{
	return version_compare(folder_base_name(one->name), folder_base_name(other->name));
}

/* Those of one folder: `common` goes before the environment, whose rows refer to it. */
static void
sort(struct seed_file *files, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct seed_file file = files[i];
		size_t j = i;

		for (; j > 0 && compare(&files[j - 1], &file) > 0; j--)
			files[j] = files[j - 1];
		files[j] = file;
	}
}

static bool
read_folder(struct seeds *seeds, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(folder_close) struct folder folder = { 0 };
	const struct reading reading = { seeds, &folder, arena };
	const size_t before = seeds->count;

	if (!folder_open(&folder, path, arena, err))
		return false;
	for (size_t i = 0; i < folder.ignored_count; i++)
		log_warn("%s/%s is not read: it is no file", path, folder.ignored[i]);
	for (size_t i = 0; i < folder.count; i++)
		if (!add_one(&reading, folder.names[i], err))
			return false;
	sort(seeds->files + before, seeds->count - before);
	return true;
}

/* Those of other environments are nobody's mistake. */
static bool
is_environment(const char *name)
{
	const char *known = config_environment(name);

	return known && strcmp(known, name) == 0;
}

/* Folders of which none is read: a name is probably misspelt. */
static void
tell_unread(const struct folder *folder, const struct config *config, struct arena *arena)
{
	struct text names = text_new(arena);
	bool is_strange = false;

	for (size_t i = 0; i < folder->ignored_count; i++) {
		const char *name = folder->ignored[i];

		if (strcmp(name, COMMON) == 0 || strcmp(name, config->environment) == 0)
			return;
		is_strange |= !is_environment(name);
		text_print(&names, "%s%s", names.length ? ", " : "", name);
	}
	if (is_strange)
		log_warn("%s: no seed is read: neither %s nor %s is there, but %s", folder->path,
		         COMMON, config->environment, names.at);
}

/* What lies beside the folders would be passed over in silence. */
static bool
check_top(const struct config *config, struct arena *arena, struct err *err)
{
	const char *path = config->seeds_dir;
	SCOPED(folder_close) struct folder folder = { 0 };

	if (!folder_open(&folder, path, arena, err))
		return err_within(err, "%s", config_called(config, "seeds_dir", arena));
	tell_unread(&folder, config, arena);
	for (size_t i = 0; i < folder.count; i++)
		log_warn("%s/%s is not read: seeds lie in %s/%s and in folders that are called as "
		         "their environment",
		         path, folder.names[i], path, COMMON);
	return true;
}

static bool
read_environment(struct seeds *seeds, const struct config *config, struct arena *arena,
                 struct err *err)
{
	const char *path = arena_print(arena, "%s/%s", config->seeds_dir, config->environment);

	return exists(path) ? read_folder(seeds, path, arena, err)
	                    : config_check_environment(config, arena, err);
}

bool
seeds_read(struct seeds **seeds, const struct config *config, struct arena *arena, struct err *err)
{
	struct seeds *read = arena_alloc(arena, sizeof *read);
	const char *path = config->seeds_dir;
	const char *common;

	if (!path) {
		*seeds = read;
		return true;
	}
	common = arena_print(arena, "%s/%s", path, COMMON);
	if (!check_top(config, arena, err) ||
	    (exists(common) && !read_folder(read, common, arena, err)) ||
	    !read_environment(read, config, arena, err))
		return false;
	*seeds = read;
	return true;
}

size_t
seeds_question_count(const struct seeds *seeds)
{
	return seeds->sheet_count + (seeds->script_count > 0);
}

void
seeds_questions(const struct seeds *seeds, const struct config *config, struct question *questions,
                struct arena *arena)
{
	for (size_t i = 0; i < seeds->count; i++) {
		const struct sheet *sheet = seeds->files[i].sheet;

		if (sheet)
			*questions++ = question_is_large(sheet)
			                     ? question_first_missing(sheet, arena)
			                     : question_any_missing(sheet, arena);
	}
	if (seeds->script_count)
		*questions = scripts_question(seeds, config, arena);
}

size_t
seeds_large_count(const struct seeds *seeds)
{
	size_t count = 0;

	for (size_t i = 0; i < seeds->count; i++)
		count += seeds->files[i].sheet && question_is_large(seeds->files[i].sheet);
	return count;
}

void
seeds_large_questions(const struct seeds *seeds, struct question *questions, struct arena *arena)
{
	for (size_t i = 0; i < seeds->count; i++)
		if (seeds->files[i].sheet && question_is_large(seeds->files[i].sheet))
			*questions++ = question_any_missing(seeds->files[i].sheet, arena);
}
