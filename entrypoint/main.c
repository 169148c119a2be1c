/* pg-entrypoint: the whole flow in one screen. The tables are the order, the help and the labels. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "accept.h"
#include "adopt.h"
#include "arena.h"
#include "backup.h"
#include "become.h"
#include "boot.h"
#include "check.h"
#include "config.h"
#include "course.h"
#include "db.h"
#include "descriptors.h"
#include "down.h"
#include "err.h"
#include "health.h"
#include "help.h"
#include "init.h"
#include "inspect.h"
#include "lock.h"
#include "log.h"
#include "look.h"
#include "meant.h"
#include "migration.h"
#include "migrator.h"
#include "new.h"
#include "note.h"
#include "pgtools.h"
#include "rehearse.h"
#include "report.h"
#include "reset.h"
#include "restore.h"
#include "restore/chosen.h"
#include "restore/volumes.h"
#include "secrets.h"
#include "seed.h"
#include "signals.h"
#include "status.h"
#include "takeover.h"
#include "target.h"
#include "verify.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct step {
	const char *name;
	bool (*is_due)(const struct boot *boot);
	bool (*run)(struct boot *boot, struct err *err);
	bool changes; /* what was seen before no longer holds */
	const char *help;
};

/* Where no look follows, the server's answer is proven here. */
static bool
wait_for_server(struct boot *boot, struct err *err)
{
	return wait_run(boot, err) && (look_is_due(boot) || (look_await_answer(boot, err) &&
	                                                     look_await_settled(boot, err)));
}

static bool
always(const struct boot *boot)
{
	(void)boot;
	return true;
}

static bool
run_migrations(struct boot *boot, struct err *err)
{
	return migrate_is_due(boot) ? migrate_run(boot, err) : note_late(boot, err);
}

static const struct step steps[] = {
	{ "wait", wait_is_due, wait_for_server, false,
	  "until the server accepts a login and answers" },
	{ "look", look_is_due, look_run, false,
	  "one round trip that tells whether anything is to do" },
	{ "lock", lock_is_due, lock_run, false, "one container at a time; then look again" },
	{ "restore", refill_is_due, refill_run, true, "a backup, into an empty database" },
	{ "volumes", volumes_are_due, volumes_settle, false,
	  "file volumes: finish what was cut off; is a critical one lost?" },
	{ "lint", inspect_is_due, inspect_run, false, "pending migrations, for what locks long" },
	{ "initdb", initdb_is_due, initdb_run, true, "initdb.d, once" },
	{ "migrate", change_is_due, run_migrations, true,
	  "pending migrations, a transaction each" },
	{ "seed", seed_is_due, seed_run, true, "missing rows, all in one transaction" },
	{ "check", check_is_due, check_run, false, "the result, and the application's own login" },
	{ "become", always, become_run, false, "the application, as the same process" },
};

static bool
take_step(struct boot *boot, const struct step *step, struct err *err)
{
	bool changes;

	if (!step->is_due(boot))
		return true;
	course_step(boot, step->name);
	if (step->changes && !lock_tell(boot, step->name, err))
		return false;
	changes = step->changes && boot_is_due(boot); /* else it is but a note */
	boot->has_changed |= changes;
	if (!step->run(boot, err))
		return false;
	if (changes) {
		boot->facts.seeds_missing = true;
		boot->facts.checks_passed = false;
	}
	return true;
}

static bool
walk(struct boot *boot, struct err *err)
{
	size_t i = 0;

	while (i < COUNT(steps))
		if (take_step(boot, &steps[i], err))
			i++;
		else if (takeover_await(boot, err))
			i = 1; /* that was the wait */
		else
			return false;
	course_step(boot, NULL);
	return true;
}

static bool
run_boot(struct boot *boot, struct err *err)
{
	/* A wrong file is told while the server is not there yet, not when it has come at last. */
	if (look_is_due(boot))
		boot->meanwhile = look_read_files;
	return chosen_check(boot, err) && become_check(boot, err) && backup_check(boot, err) &&
	       migrator_check(boot, err) && (!wait_is_due(boot) || wait_find_target(boot, err)) &&
	       walk(boot, err);
}

static bool
run_course(struct boot *boot, struct err *err)
{
	course_begin(boot);
	return run_boot(boot, err);
}

/* Of the steps no more than waiting and this one. */
static void
narrow(struct boot *boot, const char *step)
{
	struct config *config = arena_alloc(boot->arena, sizeof *config);
	const char **names = arena_alloc(boot->arena, 2 * sizeof *names);

	names[0] = "wait";
	names[1] = step;
	*config = *boot->config;
	config->only = (struct names){ names, 2 };
	config->skip = (struct names){ 0 };
	config->init = false; /* no program follows */
	boot->config = config;
}

/* One step by itself, under the same waiting and locking. */
static bool
run_only(struct boot *boot, const char *step, struct err *err)
{
	struct request *request = arena_alloc(boot->arena, sizeof *request);

	narrow(boot, step);
	request->command = "boot";
	request->operands = arena_alloc(boot->arena, sizeof *request->operands); /* no program */
	boot->request = request;
	return run_boot(boot, err);
}

/* The same for one that changes: whoever has typed it is told that there was nothing to change. */
static bool
run_change(struct boot *boot, const char *step, struct err *err)
{
	if (!run_only(boot, step, err))
		return false;
	(void)log_step(step);
	if (!boot->has_changed)
		log_info("nothing to do");
	return true;
}

/* What changes ledger or schema by hand: alone, but without a boot's judgement, which this may be there to mend. */
static bool
run_alone(struct boot *boot, bool (*run)(struct boot *boot, struct err *err), struct err *err)
{
	narrow(boot, run == reset_run ? "reset" : "migrate");
	boot->tells_times = true;
	boot->meanwhile = look_read_files;
	(void)log_step("wait");
	if (!wait_find_target(boot, err) || !wait_run(boot, err))
		return false;
	(void)log_step(boot->request->command);
	return look_patiently(boot, err) && lock_take(boot, err) &&
	       (run == reset_run || boot->request->replace || look_refuse_partial(boot, err)) &&
	       lock_tell(boot, boot->request->command, err) && run(boot, err);
}

static bool
run_wait(struct boot *boot, struct err *err)
{
	(void)log_step("wait");
	return wait_find_target(boot, err) && wait_run(boot, err) && look_await_answer(boot, err) &&
	       look_await_settled(boot, err);
}

static bool
run_migrate(struct boot *boot, struct err *err)
{
	return run_change(boot, "migrate", err);
}

static bool
run_migrate_up(struct boot *boot, struct err *err)
{
	boot->last = *boot->request->operands;
	return run_change(boot, "migrate", err);
}

static bool
run_migrate_verify(struct boot *boot, struct err *err)
{
	narrow(boot, "migrate");
	return wait_find_target(boot, err) && verify_run(boot, err);
}

static bool
run_migrate_adopt(struct boot *boot, struct err *err)
{
	if (boot->request->check)
		return wait_find_target(boot, err) && adopt_check(boot, err);
	return run_alone(boot, adopt_run, err);
}

static bool
run_restore(struct boot *boot, struct err *err)
{
	if (!restore_prepare(boot, err))
		return false;
	if (restore_only_says(boot))
		return restore_say(boot, err);
	return run_alone(boot, restore_run, err);
}

static bool
run_seed(struct boot *boot, struct err *err)
{
	if (boot->request->diff)
		return wait_find_target(boot, err) && report_seed_differences(boot, err);
	return run_change(boot, "seed", err);
}

static bool
run_check(struct boot *boot, struct err *err)
{
	return run_only(boot, "check", err) && checks_tell(boot->checks);
}

static bool run_help(struct boot *boot, struct err *err);

/* What a command needs before it runs. */
enum way {
	WAY_BARE,
	WAY_MAKER,  /* nothing either, and create_database is for it */
	WAY_TARGET, /* the server's address */
	WAY_ALONE,  /* run_alone */
};

struct command {
	const char *name; /* one word or two: `migrate up` */
	bool (*run)(struct boot *boot, struct err *err);
	enum way way;
	size_t operands;  /* at most, behind the name */
	const char *help; /* NULL: not listed */
};

static const struct command commands[] = {
	{ "boot", run_course, WAY_MAKER, SIZE_MAX, "all steps, then the program" },
	{ "wait", run_wait, WAY_MAKER, 0, "until the server accepts a login and answers" },
	{ "plan", report_plan, WAY_TARGET, 0,
	  "what a boot would do: 0 nothing, 2 something, 3 drift [--json]" },
	{ "migrate", run_migrate, WAY_MAKER, 0, "apply what is pending" },
	{ "migrate up", run_migrate_up, WAY_MAKER, 1,
	  "[VERSION|FILE]: what is pending, as far as this one" },
	{ "migrate down", down_run, WAY_ALONE, 1,
	  "[VERSION|N]: undo the newest, all behind VERSION (0: all), or N [--confirm]" },
	{ "migrate redo", redo_run, WAY_ALONE, 0,
	  "undo the newest and apply it again [--confirm]" },
	{ "migrate new", new_run, WAY_BARE, 1,
	  "NAME: the next file and its .down.sql; needs no server" },
	{ "migrate rehearse", rehearse_run, WAY_ALONE, 0,
	  "try what is pending, tell durations and locks, roll back [--json]" },
	{ "migrate verify", run_migrate_verify, WAY_BARE, 0,
	  "are ledger, files and schema as the last run left them? [--json]" },
	{ "migrate accept", accept_run, WAY_ALONE, 1,
	  "VERSION: its file was edited, and is right; `schema`: so is the schema" },
	{ "migrate lint", inspect_command, WAY_BARE, 1,
	  "[VERSION]: what is pending and locks long [--json] [--server-version=N: without a server] [--list: the rules]" },
	{ "migrate adopt", run_migrate_adopt, WAY_BARE, 0,
	  "take over what another tool has applied; --check: only say what and why" },
	{ "migrate baseline", baseline_run, WAY_ALONE, 1,
	  "VERSION: all up to it counts as applied and is not run" },
	{ "migrate status", report_migrations, WAY_TARGET, 0, "list all migrations [--json]" },
	{ "seed", run_seed, WAY_MAKER, 0,
	  "insert missing rows; --diff: list rows that differ from their file" },
	{ "restore", run_restore, WAY_MAKER, SIZE_MAX,
	  "SOURCE: into an empty database; alone: list the backups" },
	{ "backup", backup_run, WAY_TARGET, 1,
	  "[FILE|FOLDER|-]: database and volumes, into backup_dir unless told where [--only=db]" },
	{ "check", run_check, WAY_BARE, 0, "run the checks" },
	{ "status", status_run, WAY_TARGET, 0, "the state of the database [--json]" },
	{ "health", health_run, WAY_BARE, 2,
	  "[phase] [database] [--http=URL] [--tcp=HOST:PORT] [--json]: is all well? 0 yes, 1 no" },
	{ "reset", reset_run, WAY_ALONE, 0,
	  "drop all that the database holds, so that it is as new [--confirm]" },
	{ "help", run_help, WAY_BARE, 1,
	  "this; help settings: the table of settings; help COMMAND: its lines" },
	{ "version", help_version, WAY_BARE, 0, "the version; --all: what the binary is made of" },
};

static bool
run_help(struct boot *boot, struct err *err)
{
	struct help_row command_rows[COUNT(commands) + 1] = { 0 };
	struct help_row step_rows[COUNT(steps) + 1] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < COUNT(commands); i++)
		if (commands[i].help)
			command_rows[count++] =
				(struct help_row){ commands[i].name, commands[i].help };
	for (size_t i = 0; i < COUNT(steps); i++)
		step_rows[i] = (struct help_row){ steps[i].name, steps[i].help };
	return help_run(boot->request, command_rows, step_rows, err);
}

/* Is it the row of these words? One of two words takes the first operand for its second. */
static bool
command_is(const struct command *command, const struct request *request)
{
	const char *second = strchr(command->name, ' ');
	const size_t length = second ? (size_t)(second - command->name) : strlen(command->name);

	return strlen(request->command) == length &&
	       strncmp(command->name, request->command, length) == 0 &&
	       (!second || (*request->operands && strcmp(*request->operands, second + 1) == 0));
}

/* The longest row that fits. */
static const struct command *
find_command(const struct request *request)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < COUNT(commands); i++)
		if (command_is(&commands[i], request) &&
		    (!found || strlen(commands[i].name) > strlen(found->name)))
			found = &commands[i];
	assert(found); /* the vocabulary of options is this table */
	return found;
}

static bool
run_command(struct boot *boot, const struct vocabulary *known, struct err *err)
{
	struct request *request = boot->request;
	const struct command *command = find_command(request);
	size_t operands = 0;

	if (strchr(command->name, ' '))
		request->operands++;
	while (request->operands[operands])
		operands++;
	if (operands > command->operands)
		return meant_refuse(command->name, command->operands ? command->help : NULL,
		                    request->operands[command->operands], known->commands, err);
	if (command->run == health_run) /* every few seconds: what a boot warned of is known */
		log_open(LOG_ERROR, boot->config->log_json);
	if (command->run != run_help && command->run != help_version)
		secrets_note(boot->config, boot->arena);
	boot->may_create = command->way == WAY_MAKER;
	if (command->way == WAY_ALONE)
		return run_alone(boot, command->run, err);
	if (command->way == WAY_TARGET && !wait_find_target(boot, err))
		return false;
	return command->run(boot, err);
}

/* The words that options may name, from the tables. */
static struct vocabulary
vocabulary(const char *words[COUNT(commands) + 1], const char *names[COUNT(steps) + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(commands); i++)
		words[count++] = commands[i].name;
	count = 0;
	/* look, lock and become are not to be chosen: what runs, runs protected. lint is a setting. */
	for (size_t i = 0; i < COUNT(steps); i++)
		if (strcmp(steps[i].name, "look") != 0 && strcmp(steps[i].name, "lock") != 0 &&
		    strcmp(steps[i].name, "lint") != 0 && strcmp(steps[i].name, "become") != 0)
			names[count++] = steps[i].name;
	return (struct vocabulary){ words, names };
}

int
main(int argc, char **argv)
{
	static struct arena arena; /* until the end, when the kernel frees it at once */
	const char *words[COUNT(commands) + 1] = { 0 }, *names[COUNT(steps) + 1] = { 0 };
	const struct vocabulary known = vocabulary(words, names);
	struct config config = { 0 };
	struct request request = { 0 };
	struct target target = { 0 };
	struct err err = { 0 };
	struct boot boot = {
		.config = &config, .request = &request, .arena = &arena, .target = &target
	};
	bool was_done;
	int code;

	descriptors_hold();
	if (pgtools_main(argc, argv, &code) || init_main(argc, argv, &code))
		return code;
	signals_open();
	secrets_note_words(argv, &arena);
	was_done = config_read(&config, &request, argv, &known, &arena, &err) &&
	           run_command(&boot, &known, &err);
	if (!was_done && err.fault == FAULT_NONE)
		(void)err_set(&err, FAULT_BUG, "a failure without a word");
	if (!was_done && err.fault == FAULT_NOT_FOUND)
		(void)meant_program(*request.operands, known.commands, &err); /* advice */
	if (!was_done && boot.facts.is_refused_void)
		(void)chosen_advise(&boot, &err); /* likewise */
	if (!was_done)
		course_fail(&boot, &err);
	look_forget(&boot);
	db_close(&boot.db);
	db_close(&boot.lock);
	return was_done ? FAULT_NONE : err.fault;
}
