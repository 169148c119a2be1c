/* Step: what must hold when the application starts; its own login too. See check.h. */
#include "check.h"

#include <string.h>

#include "application.h"
#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "folder.h"
#include "log.h"
#include "scoped.h"
#include "script.h"
#include "token.h"

#define ROWS_SHOWN 3
#define ROW_LENGTH ((size_t)300)

struct checks {
	const struct statement **at;
	size_t count;
	size_t files;
};

static bool
refuse(const struct statement *statement, const char *why, struct err *err)
{
	const struct place place = place_at(statement->source, statement->offset);

	(void)err_set(err, FAULT_WRONG, "%s", why); /* false below */
	return place_blame(&place, err);
}

static bool
is_copy(const struct statement *statement)
{
	struct tokens tokens = tokens_new(statement->sql);
	const struct token first = token_next(&tokens);

	return token_is(&first, "copy", strlen("copy"));
}

static bool
add_file(struct checks *checks, const struct folder *folder, const char *name, struct arena *arena,
         struct err *err)
{
	const char *path = arena_join(arena, folder->path, "/", name);
	struct script *script = arena_alloc(arena, sizeof *script);
	struct source source;
	struct batch batch;

	if (!source_read(&source, folder->descriptor, name, path, arena, err) ||
	    !script_read(script, &source, name, arena, err) ||
	    !script_split(&batch, script, config_script_variable, arena, err))
		return false;
	if (!batch.count)
		return err_set(err, FAULT_WRONG, "%s has no statement, so it checks nothing", path);
	for (size_t i = 0; i < batch.count; i++) {
		const struct statement *statement = &batch.statements[i];

		if (is_copy(statement))
			return refuse(statement, "a check is a query, it cannot copy rows", err);
		if (statement->kind == STATEMENT_ALONE)
			return refuse(statement,
			              "a check runs in a transaction, this statement cannot", err);
		checks->at = arena_grow(arena, checks->at, checks->count, sizeof *checks->at);
		checks->at[checks->count++] = statement;
	}
	checks->files++;
	return true;
}

static bool
add_folder(struct checks *checks, const struct folder *folder, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < folder->ignored_count; i++)
		log_warn("%s/%s is no file, ignored", folder->path, folder->ignored[i]);
	for (size_t i = 0; i < folder->count; i++) {
		const char *name = folder->names[i];

		if (!folder_name_ends(name, ".sql"))
			log_warn("%s/%s does not end in .sql, ignored", folder->path, name);
		else if (!add_file(checks, folder, name, arena, err))
			return false;
	}
	return true;
}

bool
checks_read(struct checks **checks, const struct config *config, struct arena *arena,
            struct err *err)
{
	SCOPED(folder_close) struct folder folder = { 0 };
	struct checks *read = arena_alloc(arena, sizeof *read);

	if (config->checks_dir && !folder_open(&folder, config->checks_dir, arena, err))
		return err_within(err, "%s", config_called(config, "checks_dir", arena));
	if (config->checks_dir && !add_folder(read, &folder, arena, err))
		return false;
	*checks = read;
	return true;
}

size_t
checks_question_count(const struct checks *checks)
{
	return checks->count;
}

void
checks_questions(const struct checks *checks, struct question *questions)
{
	for (size_t i = 0; i < checks->count; i++)
		questions[i] = (struct question){ .sql = checks->at[i]->sql, .shape = SHAPE_ROWS };
}

/* "column=value, ...", cut between characters, and never within a secret. */
static void
tell_row(const struct answer *answer, int row, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena);
	const char *shown;
	size_t length = ROW_LENGTH;

	for (int i = 0; i < answer->columns && line.length <= ROW_LENGTH; i++) {
		const char *value = answer_at(answer, row, i);

		text_print(&line, "%s%s=%s", i ? ", " : "", answer_name(answer, i),
		           value ? value : "null");
	}
	shown = log_redacted(line.at, &arena);
	if (strlen(shown) <= ROW_LENGTH) {
		(void)err_detail(err, "%s", shown);
		return;
	}
	while (((unsigned char)shown[length] & 0xc0) == 0x80)
		length--;
	(void)err_detail(err, "%.*s...", (int)length, shown);
}

bool
checks_judge(const struct checks *checks, size_t i, const struct answer *answer, struct err *err)
{
	const struct statement *statement = checks->at[i];
	const struct place place = place_at(statement->source, statement->offset);

	if (answer->rows == 0)
		return true;
	(void)err_set(err, FAULT_WRONG, "a check returns %d row%s, and must return none",
	              answer->rows, answer->rows == 1 ? "" : "s"); /* false below */
	for (int row = 0; row < answer->rows && row < ROWS_SHOWN; row++)
		tell_row(answer, row, err);
	if (answer->rows > ROWS_SHOWN)
		(void)err_detail(err, "and %d more", answer->rows - ROWS_SHOWN);
	return place_blame(&place, err);
}

bool
checks_blame(const struct checks *checks, size_t i, const struct boot *boot, struct err *err)
{
	const struct statement *statement = checks->at[i];
	const size_t position = db_place(boot->db).position;
	const struct place place = position ? place_in_statement(statement, position)
	                                    : place_at(statement->source, statement->offset);

	return err->fault < FAULT_SIGNAL ? place_blame(&place, err) : false;
}

/* All checks, and the end of the transaction behind them, in one round trip. */
static bool
ask(struct boot *boot, struct question *questions, struct answer *answers, struct err *err)
{
	const struct checks *checks = boot->checks;
	size_t answered;

	checks_questions(checks, questions);
	questions[checks->count] = *ASK(SHAPE_NOTHING, "commit");
	if (!db_ask_all(boot->db, questions, answers, checks->count + 1, &answered, err))
		return answered < checks->count ? checks_blame(checks, answered, boot, err) : false;
	for (size_t i = 0; i < checks->count; i++)
		if (!checks_judge(checks, i, &answers[i], err))
			return false;
	return true;
}

bool
checks_tell(const struct checks *checks)
{
	(void)log_step("check"); /* a command has none at its end */
	if (checks->count)
		log_info("%zu file%s of checks: no row was returned, as it should be",
		         checks->files, checks->files == 1 ? "" : "s");
	else
		log_info("there are no checks");
	return true;
}

bool
checks_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const size_t count = boot->checks->count + 1;
	struct question *questions = arena_alloc(&arena, count * sizeof *questions);
	struct answer *answers = arena_alloc(&arena, count * sizeof *answers);
	/* After a query the mode stays: a check cannot take it back. */
	const char *begin = arena_print(&arena, "%sset transaction read only; select 1",
	                                transaction_begin_sql(boot, &arena));
	const bool all_hold = db_run(boot->db, begin, err) && ask(boot, questions, answers, err);

	for (size_t i = 0; i < count; i++)
		answer_free(&answers[i]);
	if (!all_hold)
		transaction_abandon(boot->db);
	else
		(void)checks_tell(boot->checks); /* true */
	return all_hold;
}

bool
check_run(struct boot *boot, struct err *err)
{
	if (boot->checks->count && !boot->facts.checks_passed && !checks_run(boot, err))
		return false;
	return application_prove(boot, err);
}
