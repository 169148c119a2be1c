/* Scripts made of a text instead of a file, for tests. */
#pragma once

#include <string.h>

#include "arena.h"
#include "err.h"
#include "script.h"

static struct arena arena;
static struct err err;

static inline struct source
source_made(const char *text)
{
	return (struct source){ .path = "dir/a.sql", .text = text, .length = strlen(text) };
}

/* The script of a text; err tells when it cannot be one. */
static inline struct script
script_made(const char *text)
{
	const struct source source = source_made(text);
	struct script script = { 0 };

	err_clear(&err);
	(void)script_read(&script, &source, "a.sql", &arena, &err);
	return script;
}

static inline int
drop_arena(void **state)
{
	(void)state;
	arena_drop(&arena);
	err_clear(&err);
	return 0;
}
