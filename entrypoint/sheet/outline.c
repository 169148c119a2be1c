/* See outline.h. */
#include "outline.h"

#include "../arena.h"
#include "../err.h"
#include "../script.h"
#include "../sections.h"

static void
begin_section(struct outline *outline, const char *name, size_t line)
{
	outline->sections = arena_grow(outline->arena, outline->sections, outline->count,
	                               sizeof *outline->sections);
	outline->sections[outline->count++] =
		(struct section){ .name = arena_copy(outline->arena, name), .line = line };
}

static bool
take_line(void *to, const char *name, const char *key, const char *value, size_t line,
          struct err *err)
{
	struct outline *outline = to;
	struct section *section;

	if (!key) {
		begin_section(outline, name, line);
		return true;
	}
	if (!outline->count)
		return err_set(err, FAULT_WRONG, "%s:%zu: %s stands before the first [section]",
		               outline->path, line, key);
	section = &outline->sections[outline->count - 1];
	section->pairs =
		arena_grow(outline->arena, section->pairs, section->count, sizeof *section->pairs);
	section->pairs[section->count++] = (struct pair){ arena_copy(outline->arena, key),
		                                          arena_copy(outline->arena, value), line };
	return true;
}

bool
outline_read(struct outline *outline, const struct source *ini, struct arena *arena,
             struct err *err)
{
	struct outline read = { .path = ini->path, .arena = arena };

	if (!sections_read(ini->text, ini->length, ini->path, take_line, &read, err)) {
		/* To sections.h any .ini is configuration; a seed is not. */
		if (err->fault == FAULT_CONFIG)
			err->fault = FAULT_WRONG;
		return false;
	}
	*outline = read;
	return true;
}
