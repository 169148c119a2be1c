/* See migrator.h. */
#include "migrator.h"

#include <string.h>
#include <strings.h>
#include <sys/wait.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "child.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "lexer.h"
#include "log.h"
#include "program.h"
#include "scoped.h"
#include "target.h"

static bool
check_program(const struct errand *errand, const char *setting, struct err *err)
{
	if (!errand->words || program_check(errand->words[0], false, err))
		return true;
	err->fault = FAULT_CONFIG;
	return err_within(err, "%s", setting);
}

/* The look sends it among others, in one text. */
static bool
check_query(const struct errand *check, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(lexer_close) struct lexer *lexer = NULL;

	if (!check->text || check->words)
		return true;
	lexer = lexer_open(check->text, strlen(check->text), NULL, NULL, &arena);
	return lexer_next(lexer) == LEXER_END ||
	       err_set(err, FAULT_CONFIG, "migrate_command_check is not one whole statement");
}

bool
migrator_check(const struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;

	if (!config_wants(config, "migrate"))
		return true;
	if (migrator_can_tell(config) && !config->migrate_command.text)
		return err_set(err, FAULT_CONFIG,
		               "migrate_command_check is set, migrate_command is not");
	if (config->expect_schema && config->migrate_command.text && !migrator_can_tell(config)) {
		(void)err_set(
			err, FAULT_CONFIG,
			"expect_schema is set, and nothing tells whether another container has "
			"run migrate_command"); /* false below */
		return err_hint(err, "set migrate_command_check");
	}
	return check_program(&config->migrate_command, "migrate_command", err) &&
	       check_program(&config->migrate_command_check, "migrate_command_check", err) &&
	       check_query(&config->migrate_command_check, err);
}

bool
migrator_is_due(const struct boot *boot)
{
	/* `migrate up VERSION` goes as far as a file. */
	return boot->config->migrate_command.text && !boot->facts.command_is_done && !boot->last;
}

bool
migrator_can_tell(const struct config *config)
{
	return config->migrate_command_check.text;
}

bool
migrator_question(const struct config *config, struct question *question)
{
	const struct errand *check = &config->migrate_command_check;

	if (!check->text || check->words || !config_wants(config, "migrate"))
		return false;
	*question = *ASK(SHAPE_ROWS, check->text);
	return true;
}

bool
migrator_proves(const char *value)
{
	static const char *const untrue[] = { "", "f", "false", "0" };

	for (size_t i = 0; value && i < sizeof untrue / sizeof *untrue; i++)
		if (strcasecmp(value, untrue[i]) == 0)
			return false;
	return value;
}

bool
migrator_is_done(const struct answer *answer)
{
	return answer->rows && answer->columns && migrator_proves(answer_at(answer, 0, 0));
}

/*
 * The URL of our work session. The one that was set is given on as it was written, in the dialect that the migrator knows
 * (postgresql+psycopg2://); of what came in variables one is made.
 */
static bool
find_url(const struct boot *boot, const char **url, struct arena *arena, struct err *err)
{
	const struct config *config = boot->config;
	struct target target;

	*url = config->admin_url ? config->admin_url : config->url;
	if (!*url && !config_variable("DATABASE_URL", url, NULL, arena, err))
		return false;
	if (*url && strstr(*url, "://"))
		return true;
	target = target_with(boot->target, "user", db_user(boot->db), arena);
	target = target_with(&target, "dbname", db_name(boot->db), arena);
	*url = target_url(&target, arena);
	return true;
}

static bool
start(struct child *child, const struct errand *errand, struct boot *boot, struct arena *arena,
      struct err *err)
{
	*child = child_of(errand->words);
	return find_url(boot, &child->database_url, arena, err) &&
	       session_may_idle(boot->db, err) && child_start(child, boot, err);
}

/* 126 and 127 are a shell's: what it should have run could not be. */
static bool
ask_command(struct boot *boot, struct err *err)
{
	const struct errand *check = &boot->config->migrate_command_check;
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct child child;
	int status;

	if (!start(&child, check, boot, &arena, err) || !child_await(&child, boot, &status, err))
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) < FAULT_CANNOT_RUN) {
		boot->facts.command_is_done = WEXITSTATUS(status) == 0;
		return true;
	}
	return child_judge(check->words[0], status, err);
}

/* A program that cannot be run is a wrong setting; 126 and 127 are of the application. False. */
static bool
blame_setting(struct err *err)
{
	if (err->fault == FAULT_CANNOT_RUN || err->fault == FAULT_NOT_FOUND)
		err->fault = FAULT_CONFIG;
	return false;
}

bool
migrator_ask(struct boot *boot, struct err *err)
{
	if (!boot->config->migrate_command_check.words || !config_wants(boot->config, "migrate"))
		return true;
	if (ask_command(boot, err))
		return true;
	(void)blame_setting(err); /* false below */
	return err->fault < FAULT_SIGNAL ? err_within(err, "migrate_command_check") : false;
}

/* The query once more, as the look asks it: it only reads. */
static bool
ask_query(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *path = boot->target->search_path;
	bool was_asked;

	if (!db_run(boot->db, "begin read only", err))
		return false;
	was_asked =
		(!path ||
	         db_run(boot->db, arena_print(&arena, "set local search_path = %s", path), err)) &&
		db_ask(boot->db, ASK(SHAPE_ROWS, boot->config->migrate_command_check.text), &answer,
	               err);
	transaction_abandon(boot->db);
	if (!was_asked)
		return err_within(err, "migrate_command_check");
	boot->facts.command_is_done = migrator_is_done(&answer);
	return true;
}

/* An exit code says that it ended, not that it did its work. */
static bool
prove(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;

	if (!migrator_can_tell(config)) {
		boot->facts.command_is_done = true;
		return true;
	}
	if (!(config->migrate_command_check.words ? migrator_ask(boot, err) : ask_query(boot, err)))
		return false;
	if (boot->facts.command_is_done)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "%s ended well, but migrate_command_check says that something is still to do",
	              config->migrate_command.words[0]); /* false below */
	return err_hint(err, "is the check of an older version?");
}

static bool
run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct errand *command = &boot->config->migrate_command;
	struct child child;
	int status;

	return start(&child, command, boot, &arena, err) &&
	       child_await(&child, boot, &status, err) &&
	       child_judge(command->words[0], status, err);
}

bool
migrator_run(struct boot *boot, struct err *err)
{
	const int64_t since = clock_now();
	/* Not what it is given: that may hold a secret. */
	const char *name = boot->config->migrate_command.words[0];

	log_info("running %s", name);
	if (!run(boot, err))
		return blame_setting(err);
	log_info("%s ended well in %lld ms", name, (long long)(clock_now() - since));
	return prove(boot, err);
}
