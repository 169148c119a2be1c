/* See child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
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

struct child
child_of(char *const *words)
{
	return (struct child){
		.words = words, .input = -1, .output = STDERR_FILENO, .errors = STDERR_FILENO
	};
}

/* What our session was opened with, as libpq's variables, and two of the official image's. */
static bool
export_connection(const struct boot *boot, struct err *err)
{
	const struct target *target = boot->target;

	if (!boot->db)
		return true;
	for (size_t i = 0; i < target->count; i++) {
		const char *variable = db_variable_of(target->keywords[i]);

		if (variable && !config_export(variable, target->values[i], err))
			return false;
	}
	/* Of several hosts the one that we are connected to: there is the lock. */
	return config_export("PGHOST", db_host(boot->db), err) &&
	       config_export("PGHOSTADDR", db_address(boot->db), err) &&
	       config_export("PGPORT", db_port(boot->db), err) &&
	       config_export("PGUSER", db_user(boot->db), err) &&
	       config_export("PGDATABASE", db_name(boot->db), err) &&
	       config_export("POSTGRES_USER", db_user(boot->db), err) &&
	       config_export("POSTGRES_DB", db_name(boot->db), err);
}

/*
 * What a pooler would refuse: only where it is known that there is none. If we are killed, the server is to notice while the
 * statement of a program of ours runs, with the lock, where something is changed. The schema that the URL names comes last,
 * since it counts for us whatever the options say.
 */
static bool
export_options(const struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text options = text_new(&arena);
	const char *before = target_value(boot->target, "options");

	if (!boot->db || !db_backend_pid(boot->db) || db_is_pooled(boot->db))
		return true;
	if (!before)
		before = config_raw_variable("PGOPTIONS");
	if (boot->lock && db_server_version(boot->db) >= 140000)
		text_add(&options, "-c client_connection_check_interval=1000 ");
	text_add(&options, before ? before : "");
	if (boot->target->search_path) {
		text_add(&options, " -c search_path=");
		/* One word of them. */
		text_add_escaped(&options, boot->target->search_path, " \t\n\\");
	}
	return !*options.at || config_export("PGOPTIONS", options.at, err);
}

/* Without input, standard input is at its end (an image may lack /dev/null). */
static bool
redirect(const struct child *child, struct err *err)
{
	int empty[2];

	if (pipe(empty) != 0 ||
	    dup2(child->input < 0 ? empty[0] : child->input, STDIN_FILENO) < 0 ||
	    dup2(child->output, STDOUT_FILENO) < 0 || dup2(child->errors, STDERR_FILENO) < 0 ||
	    fcntl(STDERR_FILENO, F_SETFD, 0) < 0) /* its own is held (descriptors.h) */
		return err_errno(err, FAULT_SYSTEM, "redirecting");
	for (size_t i = 0; i < 2; i++)
		if (empty[i] > STDERR_FILENO)
			(void)close(empty[i]); /* nothing was written */
	return true;
}

/* What would go on without us, while the next start has the lock already, must end with us. */
static bool
die_with(pid_t parent, struct err *err)
{
	return (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent) ||
	       err_errno(err, FAULT_SYSTEM, "prctl");
}

static bool
execute(const struct child *child, struct err *err)
{
	if (!child->file)
		return program_execute(child->words, NULL, err);
	(void)execv(child->file, child->words); /* it came back, so it failed */
	return err_errno(err, FAULT_CANNOT_RUN, "%s", child->file);
}

/* The child. Its failure to run the program goes to the parent as it is. */
static _Noreturn void
become(const struct child *child, const struct boot *boot, pid_t parent, int report)
{
	struct err err = { 0 };

	(void)setpgid(0, 0); /* the parent does the same, one of us is first */
	signals_restore();
	if (die_with(parent, &err) && redirect(child, &err) && export_connection(boot, &err) &&
	    export_options(boot, &err) &&
	    (!child->database_url || config_export("DATABASE_URL", child->database_url, &err)))
		(void)execute(child, &err);
	(void)!write(report, &err, sizeof err); /* nobody else to tell */
	_exit(FAULT_CANNOT_RUN);
}

bool
child_start(struct child *child, const struct boot *boot, struct err *err)
{
	const pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(err, FAULT_SYSTEM, "pipe");
	child->report = ends[0];
	child->pid = fork();
	if (child->pid == 0)
		become(child, boot, parent, ends[1]);
	(void)close(ends[1]); /* nothing was written */
	if (child->pid < 0) {
		descriptor_close(&child->report);
		return err_errno(err, FAULT_SYSTEM, "fork");
	}
	(void)setpgid(child->pid, child->pid); /* in vain where the child was first */
	return true;
}

bool
child_may_go_on(const struct boot *boot, struct err *err)
{
	/* Without the lock another container may begin the same. */
	return !boot->lock || db_is_alive(boot->lock) ||
	       err_set(err, FAULT_NO_SERVER, "the connection that held the boot lock broke");
}

static bool
holds_lock(void *guarded, struct err *err)
{
	return child_may_go_on(guarded, err);
}

bool
child_await(struct child *child, struct boot *boot, int *status, struct err *err)
{
	SCOPED(descriptor_close) const int report = child->report;
	struct err failure;

	if (!signals_await_child(child->pid, status, holds_lock, boot, err))
		return false;
	if (read(report, &failure, sizeof failure) != (ssize_t)sizeof failure)
		return true;
	*err = failure;
	return false;
}

void
child_end(struct child *child)
{
	signals_end_child(child->pid);
	descriptor_close(&child->report);
}

bool
child_judge(const char *name, int status, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, FAULT_WRONG, "%s: killed by signal %d (%s)", name,
		               WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, FAULT_WRONG, "%s: ended with exit code %d", name,
		               WEXITSTATUS(status));
	return true;
}

bool
child_run(struct child *child, const char *name, struct boot *boot, struct err *err)
{
	int status;

	return child_start(child, boot, err) && child_await(child, boot, &status, err) &&
	       child_judge(name, status, err);
}
