/* See shell.h. */
#include "shell.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "err.h"
#include "program.h"
#include "scoped.h"

static const char *const bashes[] = { "/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash" };
static const char plain[] = "/bin/sh";

#define MOST_WORDS 5

struct command {
	struct arena *arena;
	char *words[MOST_WORDS]; /* ends with NULL */
	size_t count;
};

static void
add_word(struct command *command, const char *word)
{
	command->words[command->count++] = arena_copy(command->arena, word);
}

/* The shell; one that stops at errors is told so. False: there is none. */
static bool
add_shell(struct command *command, bool stops)
{
	for (size_t i = 0; i < sizeof bashes / sizeof *bashes; i++)
		if (access(bashes[i], X_OK) == 0) {
			add_word(command, bashes[i]);
			if (stops) {
				add_word(command, "-Eeo");
				add_word(command, "pipefail");
			}
			return true;
		}
	if (access(plain, X_OK) != 0)
		return false;
	add_word(command, plain);
	if (stops)
		add_word(command, "-e");
	return true;
}

/* Does it say itself what runs it? */
static bool
has_interpreter(const char *path)
{
	SCOPED(descriptor_close) int file = open(path, O_RDONLY | O_CLOEXEC);
	char start[2];

	/* What may be run but not read is a program. */
	return file < 0 || (pread(file, start, sizeof start, 0) == (ssize_t)sizeof start &&
	                    (memcmp(start, "#!", 2) == 0 || memcmp(start, "\177E", 2) == 0));
}

static bool
choose(struct command *command, const char *path, struct err *err)
{
	const bool is_executable = access(path, X_OK) == 0;

	if (!(is_executable && has_interpreter(path)) && !add_shell(command, !is_executable)) {
		(void)err_set(err, FAULT_CONFIG, "%s: there is no shell to run it",
		              path); /* false below */
		return err_hint(err,
		                "neither bash nor /bin/sh is in this image; .sql files need none");
	}
	add_word(command, path);
	return true;
}

bool
shell_check(const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct command command = { .arena = &arena };

	if (!choose(&command, path, err))
		return false;
	if (program_check(command.words[0], false, err))
		return true;
	err->fault = FAULT_CONFIG;
	return false;
}

bool
shell_run(struct boot *boot, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct command command = { .arena = &arena };
	struct child child = child_of(command.words);

	if (!choose(&command, path, err))
		return false;
	if (child_run(&child, path, boot, err))
		return true;
	if (err->fault == FAULT_CANNOT_RUN || err->fault == FAULT_NOT_FOUND)
		err->fault = FAULT_WRONG;
	return false;
}
