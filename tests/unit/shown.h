/* What the tests of targets share. */
#pragma once

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "target.h"

/* The keywords as "name=value|...", without our own fallback_application_name. */
static inline const char *
shown(const struct target *target, struct arena *arena)
{
	struct text text = text_new(arena);

	for (size_t i = 0; i < target->count; i++)
		if (strcmp(target->keywords[i], "fallback_application_name") != 0)
			text_print(&text, "%s%s=%s", text.length ? "|" : "", target->keywords[i],
			           target->values[i]);
	return text.at;
}
