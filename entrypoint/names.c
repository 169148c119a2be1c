/* See names.h. */
#include "names.h"

#include "arena.h"

const char *
name_quoted(const char *name, struct arena *arena)
{
	struct text quoted = text_new(arena);

	text_add_char(&quoted, '"');
	for (; *name; name++) {
		if (*name == '"')
			text_add_char(&quoted, '"');
		text_add_char(&quoted, *name);
	}
	text_add_char(&quoted, '"');
	return quoted.at;
}
