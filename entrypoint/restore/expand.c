/* See expand.h. */
#include "expand.h"

#include <glob.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"

static void
add(struct request *request, size_t count, const char *word, struct arena *arena)
{
	request->operands =
		arena_grow(arena, request->operands, count + 1, sizeof *request->operands);
	request->operands[count] = arena_copy(arena, word);
	request->operands[count + 1] = NULL;
}

static bool
is_pattern(const char *word)
{
	struct stat status;

	return strpbrk(word, "*?[") && stat(word, &status) != 0;
}

bool
expand_operands(struct request *request, struct arena *arena, struct err *err)
{
	char *const *words = request->operands;
	size_t count = 0;

	request->operands = arena_grow(arena, NULL, 0, sizeof *request->operands);
	for (; *words; words++) {
		glob_t matches = { 0 };
		const int failure =
			is_pattern(*words) ? glob(*words, 0, NULL, &matches) : GLOB_NOMATCH;

		if (failure && failure != GLOB_NOMATCH)
			return err_set(err, FAULT_NO_SOURCE, "%s: cannot be looked for", *words);
		if (failure)
			add(request, count++, *words, arena);
		for (size_t i = 0; !failure && i < matches.gl_pathc; i++)
			add(request, count++, matches.gl_pathv[i], arena);
		globfree(&matches);
	}
	return true;
}
