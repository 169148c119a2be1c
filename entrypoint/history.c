/* See history.h. Here: what is asked, and what the answers mean. */
#include "history.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "format.h"
#include "history/table.h"
#include "ledger.h"
#include "migration.h"
#include "scoped.h"
#include "target.h"

bool
history_is_asked(const struct migrations *migrations)
{
	return migrations->format->table && !migrations->candidates && migrations->count;
}

struct question
history_question(const struct migrations *migrations, const struct config *config,
                 struct arena *arena)
{
	const struct history_table table = table_wanted(migrations->format, config, arena);

	return (struct question){ .sql = arena_print(arena, "copy %s (%s) to stdout", table.quoted,
		                                     migrations->format->asked),
		                  .shape = SHAPE_ROWS };
}

/* The answer is freed by its owner: what is kept is copied. */
static void
take_rows(struct history *history, const struct answer *answer, struct arena *arena)
{
	const struct format *format = history->format;

	history->count = 0;
	history->rows = arena_alloc(arena, (size_t)answer->rows * sizeof *history->rows);
	for (int row = 0; row < answer->rows; row++) {
		struct past past = format->take(answer, row, arena);

		past.version = arena_copy(arena, past.version);
		past.name = arena_copy(arena, past.name);
		past.checksum = past.checksum ? arena_copy(arena, past.checksum) : NULL;
		past.at = past.at ? arena_copy(arena, past.at) : NULL;
		history->rows[history->count++] = past;
	}
}

static bool
read_rows(struct boot *boot, struct history *history, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *sql = arena_print(boot->arena, "select %s\nfrom %s", history->format->asked,
	                              history->table->quoted);

	if (!db_ask(boot->db, ASK(SHAPE_ROWS, sql), &answer, err))
		return false;
	take_rows(history, &answer, boot->arena);
	return true;
}

/* All that the catalog says of the table, then its rows. */
static bool
learn(struct boot *boot, const struct format *format, struct history **learned, struct err *err)
{
	struct history *history = arena_alloc(boot->arena, sizeof *history);

	history->format = format;
	history->is_whole = true;
	if (!table_look(boot, history, err) ||
	    (history->exists && !history->problem && !read_rows(boot, history, err)))
		return err_within(err, "the history of %s", format->name);
	*learned = history;
	return true;
}

bool
history_begin(struct boot *boot, struct err *err)
{
	const char *path = boot->target->search_path;

	return db_run(boot->db,
	              path ? arena_print(boot->arena, "begin read only; set local search_path = %s",
	                                 path)
	                   : "begin read only",
	              err);
}

/* Do rows and files have a version in common? In front of all files golang-migrate is at -1. */
static bool
knows_files(const struct history *history, const struct migrations *migrations)
{
	if (history->format->keeps_newest_only && history->count == 1 &&
	    strcmp(history->rows[0].version, "-1") == 0)
		return true;
	for (size_t row = 0; row < history->count; row++)
		for (size_t i = 0; i < migrations->count; i++)
			if (format_compare(history->format, history->rows[row].version,
			                   migrations->at[i].version) == 0)
				return true;
	return false;
}

static bool
reread(struct boot *boot, const struct format *format, const char *evidence, struct err *err)
{
	struct config config = *boot->config;

	config.migrations_format = (int)(format - formats) + 1;
	if (!config_wants(&config, "migrate"))
		config.migrations_dir = NULL;
	if (!migrations_read(&boot->migrations, &config, boot->arena, err))
		return false;
	boot->migrations->evidence = evidence;
	return !boot->last || migrations_limit(boot->migrations, boot->last, err);
}

/* Never a silent choice. */
static bool
refuse_choice(const struct boot *boot, const struct history *one, const struct history *other,
              struct err *err)
{
	if (other)
		(void)err_set(err, FAULT_WRONG,
		              "%s may be migrations of %s or of %s: %s and %s are there",
		              boot->config->migrations_dir, one->format->name, other->format->name,
		              one->table->quoted, other->table->quoted);
	else
		(void)err_set(err, FAULT_WRONG, "%s is there, but none of its rows is a file of %s",
		              one->table->quoted, boot->config->migrations_dir);
	return err_hint(err, "say whose files these are: migrations_format = %s, or %s",
	                one->format->name, other ? other->format->name : "native");
}

/* By the history tables that are there; where none is, the likeliest stands. */
static bool
choose_by_tables(struct boot *boot, struct err *err)
{
	const struct format **candidates = boot->migrations->candidates;
	struct history *found = NULL, *odd = NULL, *history;

	for (size_t i = 0; candidates[i]; i++) {
		if (!candidates[i]->table)
			continue;
		if (!learn(boot, candidates[i], &history, err))
			return false;
		if (!history->exists)
			continue;
		if (history->problem) {
			odd = history;
			continue;
		}
		if (found)
			return refuse_choice(boot, found, history, err);
		found = history;
	}
	if (!found && odd) {
		*err = *odd->problem;
		return false;
	}
	if (!found) {
		boot->migrations->candidates = NULL; /* as they were read */
		return true;
	}
	if (!reread(boot, found->format,
	            arena_print(boot->arena, "%s is there", found->table->quoted), err))
		return false;
	return !found->count || knows_files(found, boot->migrations) ||
	       refuse_choice(boot, found, NULL, err);
}

/* Several tools have such files: our ledger remembers whose, else a history table tells. */
static bool
choose(struct boot *boot, const struct ledger *ledger, struct err *err)
{
	const struct format *remembered = ledger->format ? format_find(ledger->format) : NULL;

	if (!boot->migrations->candidates || !boot->migrations->count)
		return true;
	if (!remembered && ledger->count)
		remembered = &formats[0]; /* our own: of another tool it would have a note */
	if (remembered && remembered != boot->migrations->format)
		return reread(boot, remembered, "the ledger says so", err);
	if (remembered) {
		boot->migrations->candidates = NULL;
		return true;
	}
	return history_begin(boot, err) && choose_by_tables(boot, err) &&
	       db_run(boot->db, "commit", err);
}

static void
match(struct boot *boot, const struct ledger *ledger)
{
	const struct ledger merged =
		history_merge(boot->history, boot->migrations, ledger, boot->arena);

	migrations_match(boot->migrations, &merged, boot->arena);
}

static bool
learn_whole(struct boot *boot, const struct ledger *ledger, struct err *err)
{
	if (!history_begin(boot, err) ||
	    !learn(boot, boot->migrations->format, &boot->history, err) ||
	    !db_run(boot->db, "commit", err))
		return false;
	match(boot, ledger);
	return true;
}

/* What became certain just now could not be asked with the rest. */
static bool
ask_quickly(struct boot *boot, struct answer *answer)
{
	const struct question question =
		history_question(boot->migrations, boot->config, boot->arena);
	struct err refused = { 0 };
	size_t answered;

	return !boot->target->search_path &&
	       db_ask_together(boot->db, &question, answer, 1, &answered, NULL, &refused);
}

/*
 * Without a schema the quick answer may be from a table of another program, farther behind in the path: of that nothing is
 * taken for applied.
 */
static bool
is_surely_its(const struct boot *boot)
{
	return !boot->history->believed_count ||
	       table_wanted(boot->history->format, boot->config, boot->arena).schema;
}

static void
take_quickly(struct boot *boot, const struct answer *answer, const struct ledger *ledger)
{
	boot->history = arena_alloc(boot->arena, sizeof *boot->history);
	boot->history->format = boot->migrations->format;
	boot->history->exists = true;
	take_rows(boot->history, answer, boot->arena);
	match(boot, ledger);
}

bool
history_settle(struct boot *boot, const struct ledger *ledger, const struct answer *quick,
               struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	boot->history = NULL;
	if (!choose(boot, ledger, err)) {
		transaction_abandon(boot->db);
		return false;
	}
	if (!history_is_asked(boot->migrations)) {
		migrations_match(boot->migrations, ledger, boot->arena);
		return true;
	}
	/* With the lock held, whoever asks is going to write. */
	if (!boot->lock && (quick || (ledger->count && ask_quickly(boot, &answer))))
		take_quickly(boot, quick ? quick : &answer, ledger);
	if ((!boot->history || boot->migrations->pending || !is_surely_its(boot)) &&
	    !learn_whole(boot, ledger, err)) {
		transaction_abandon(boot->db);
		return false;
	}
	history_check(boot->history, boot->arena);
	return true;
}

bool
history_judge(const struct boot *boot, struct err *err)
{
	if (!boot->history || !boot->history->problem)
		return true;
	*err = *boot->history->problem;
	return false;
}

bool
history_find_table(struct boot *boot, struct err *err)
{
	if (!boot->history || boot->history->table)
		return true;
	if (history_begin(boot, err) && table_look(boot, boot->history, err) &&
	    db_run(boot->db, "commit", err))
		return true;
	transaction_abandon(boot->db);
	return false;
}
