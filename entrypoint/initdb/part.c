/* See part.h. */
#include "part.h"

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../script.h"
#include "../shell.h"
#include "../stream.h"

enum form { FORM_SQL, FORM_PACKED, FORM_SHELL, FORM_OTHER };

static const struct {
	const char *ending;
	enum form form;
} forms[] = {
	{ ".sql", FORM_SQL },        { ".sql.gz", FORM_PACKED }, { ".sql.xz", FORM_PACKED },
	{ ".sql.zst", FORM_PACKED }, { ".sh", FORM_SHELL },
};

static enum form
form_of(const char *name)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (folder_name_ends(name, forms[i].ending))
			return forms[i].form;
	return FORM_OTHER;
}

static bool
unpack(struct source *source, const struct folder *folder, const struct part *part,
       struct arena *arena, struct err *err)
{
	struct text text = text_new(arena);

	return stream_unpack(&text, folder->descriptor, part->name, part->path, err) &&
	       source_take(source, text.at, text.length, part->path, err);
}

static bool
read_sql(struct part *part, const struct folder *folder, enum form form, struct arena *arena,
         struct err *err)
{
	struct source source;

	part->script = arena_alloc(arena, sizeof *part->script);
	part->batch = arena_alloc(arena, sizeof *part->batch);
	if (!(form == FORM_PACKED ? unpack(&source, folder, part, arena, err)
	                          : source_read(&source, folder->descriptor, part->name, part->path,
	                                        arena, err)))
		return false;
	return script_read(part->script, &source, part->name, arena, err) &&
	       script_split(part->batch, part->script, config_script_variable, arena, err);
}

bool
part_read_all(struct part **parts, size_t *count, const struct folder *folder, struct arena *arena,
              struct err *err)
{
	struct part *read = NULL;
	size_t read_count = 0;

	for (size_t i = 0; i < folder->ignored_count; i++)
		log_warn("%s/%s is no file, ignored", folder->path, folder->ignored[i]);
	for (size_t i = 0; i < folder->count; i++) {
		struct part part = { .name = folder->names[i] };
		const enum form form = form_of(part.name);

		part.path = arena_join(arena, folder->path, "/", part.name);
		part.is_shell = form == FORM_SHELL;
		if (form == FORM_OTHER) {
			log_warn("%s is neither .sql (.gz, .xz, .zst) nor .sh, ignored", part.path);
			continue;
		}
		if (!(part.is_shell ? shell_check(part.path, err)
		                    : read_sql(&part, folder, form, arena, err)))
			return false;
		read = arena_grow(arena, read, read_count, sizeof part);
		read[read_count++] = part;
	}
	*parts = read;
	*count = read_count;
	return true;
}
