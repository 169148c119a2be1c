/* See shell.h. */
#include "shell.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "program.h"
#include "scoped.h"
#include "signals.h"
#include "target.h"

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

/* What our session was opened with, as libpq's variables, and two of the official image's. */
static bool
export_connection(const struct boot *boot, struct err *err)
{
	const struct target *target = boot->target;
	const char *hosts = target_value(target, "host");

	for (size_t i = 0; i < target->count; i++) {
		const char *variable = db_variable_of(target->keywords[i]);

		if (variable && !config_export(variable, target->values[i], err))
			return false;
	}
	if (hosts && strchr(hosts, ',') && !target_value(target, "target_session_attrs") &&
	    !config_export("PGTARGETSESSIONATTRS", "read-write", err))
		return false;
	return config_export("PGUSER", db_user(boot->db), err) &&
	       config_export("PGDATABASE", db_name(boot->db), err) &&
	       config_export("POSTGRES_USER", db_user(boot->db), err) &&
	       config_export("POSTGRES_DB", db_name(boot->db), err);
}

/* Standard input at its end (an image may lack /dev/null), output to our standard error. */
static bool
redirect(struct err *err)
{
	int empty[2];

	if (pipe(empty) != 0 || dup2(empty[0], STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return err_errno(err, FAULT_SYSTEM, "redirecting");
	for (size_t i = 0; i < 2; i++)
		if (empty[i] > STDERR_FILENO)
			(void)close(empty[i]); /* nothing was written */
	return true;
}

/* The child. Its failure to run the script goes to the parent as it is. */
static _Noreturn void
run_child(const struct boot *boot, struct command *command, int report)
{
	struct err err = { 0 };

	(void)setpgid(0, 0); /* the parent does the same, one of us is first */
	signals_restore();
	if (redirect(&err) && export_connection(boot, &err))
		(void)program_execute(command->words, &err);
	(void)!write(report, &err, sizeof err); /* nobody else to tell */
	_exit(FAULT_CANNOT_RUN);
}

static bool
judge(const char *path, int status, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, FAULT_WRONG, "%s: killed by signal %d (%s)", path,
		               WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, FAULT_WRONG, "%s: ended with exit code %d", path,
		               WEXITSTATUS(status));
	return true;
}

/* Without the lock another container may begin the same. */
static bool
holds_lock(void *guarded, struct err *err)
{
	const struct boot *boot = guarded;

	return db_is_alive(boot->lock) ||
	       err_set(err, FAULT_NO_SERVER, "the connection that held the boot lock broke");
}

bool
shell_run(struct boot *boot, const char *path, struct err *err)
{
	SCOPED(descriptor_close) int reading = -1;
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct command command = { .arena = &arena };
	struct err failure;
	int ends[2], status;
	pid_t child;

	if (!choose(&command, path, err))
		return false;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(err, FAULT_SYSTEM, "pipe");
	reading = ends[0];
	child = fork();
	if (child == 0)
		run_child(boot, &command, ends[1]);
	(void)close(ends[1]); /* nothing was written */
	if (child < 0)
		return err_errno(err, FAULT_SYSTEM, "fork");
	(void)setpgid(child, child); /* in vain where the child was first */
	if (!signals_await_child(child, &status, holds_lock, boot, err))
		return false;
	if (read(reading, &failure, sizeof failure) != (ssize_t)sizeof failure)
		return judge(path, status, err);
	*err = failure;
	err->fault = FAULT_WRONG;
	return false;
}
