/*
 * Step: the files of initdb_dir, once, as the official postgres image runs them. All of them are one
 * transaction with its journal row, which ends before each .sh file and each statement that cannot
 * run in one; a later start goes on at the one that failed.
 */
#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "folder.h"
#include "ledger.h"
#include "log.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "shell.h"
#include "stream.h"

static const char KIND[] = "initdb"; /* in the journal */

enum form { FORM_SQL, FORM_PACKED, FORM_SHELL, FORM_OTHER };

static const struct {
	const char *ending;
	enum form form;
} forms[] = {
	{ ".sql", FORM_SQL },        { ".sql.gz", FORM_PACKED }, { ".sql.xz", FORM_PACKED },
	{ ".sql.zst", FORM_PACKED }, { ".sh", FORM_SHELL },
};

struct part {
	const char *name, *path;
	bool is_shell;
	struct script script; /* of SQL */
	struct batch batch;
};

struct run {
	struct boot *boot;
	struct arena *arena;
	struct part **parts; /* each stays where it is: its statements point at it */
	size_t count;
	/* What is committed: all parts before this one, and of it so many statements; of a .sh 1. */
	size_t part, statements;
};

static enum form
form_of(const char *name)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (folder_name_ends(name, forms[i].ending))
			return forms[i].form;
	return FORM_OTHER;
}

static bool
unpack(struct source *source, const struct folder *folder, const struct part *part,
       struct arena *arena, struct err *err)
{
	struct text text = text_new(arena);

	return stream_unpack(&text, folder->descriptor, part->name, part->path, err) &&
	       source_take(source, text.at, text.length, part->path, err);
}

static bool
read_sql(struct part *part, const struct folder *folder, enum form form, struct arena *arena,
         struct err *err)
{
	struct source source;

	if (!(form == FORM_PACKED ? unpack(&source, folder, part, arena, err)
	                          : source_read(&source, folder->descriptor, part->name, part->path,
	                                        arena, err)))
		return false;
	return script_read(&part->script, &source, part->name, arena, err) &&
	       script_split(&part->batch, &part->script, config_script_variable, arena, err);
}

/* All files, so that what can be told of any of them is told before anything is sent. */
static bool
read_parts(struct run *run, const struct folder *folder, struct err *err)
{
	for (size_t i = 0; i < folder->ignored_count; i++)
		log_warn("%s/%s is no file, ignored", folder->path, folder->ignored[i]);
	for (size_t i = 0; i < folder->count; i++) {
		const enum form form = form_of(folder->names[i]);
		struct part *part = arena_alloc(run->arena, sizeof *part);

		part->name = folder->names[i];
		part->path = arena_join(run->arena, folder->path, "/", part->name);
		part->is_shell = form == FORM_SHELL;
		if (form == FORM_OTHER) {
			log_warn("%s is neither .sql (.gz, .xz, .zst) nor .sh, ignored",
			         part->path);
			continue;
		}
		if (!(part->is_shell ? shell_check(part->path, err)
		                     : read_sql(part, folder, form, run->arena, err)))
			return false;
		run->parts = arena_grow(run->arena, run->parts, run->count, sizeof part);
		run->parts[run->count++] = part;
	}
	return true;
}

/* Where an earlier start came to; a part that is gone since counts as done. */
static bool
find_start(struct run *run, struct err *err)
{
	const char *item;
	size_t statements;

	if (!journal_read(run->boot->db, run->boot->config, KIND, &item, &statements, run->arena,
	                  err))
		return false;
	if (!item)
		return true;
	while (run->part < run->count && strcmp(run->parts[run->part]->name, item) < 0)
		run->part++;
	if (run->part < run->count && strcmp(run->parts[run->part]->name, item) == 0)
		run->statements = statements;
	if (run->statements && run->parts[run->part]->is_shell) {
		run->part++;
		run->statements = 0;
	}
	log_info("an earlier start came to %s, going on there", item);
	return true;
}

/* The session becomes ours again, in a transaction. */
static const char *
opening(const struct run *run)
{
	return db_in_transaction(run->boot->db) ? transaction_own_sql(run->boot, run->arena)
	                                        : transaction_begin_sql(run->boot, run->arena);
}

/* Commits what is open, together with the journal; alone where nothing is. */
static bool
commit(struct run *run, size_t part, size_t statements, struct err *err)
{
	struct db *db = run->boot->db;
	const bool is_finished = part == run->count;
	const char *name = run->count ? run->parts[is_finished ? part - 1 : part]->name : "";
	/* A file may have taken another role. */
	const char *sql = arena_print(run->arena, "%s%s;\ncommit", opening(run),
	                              journal_sql(db, run->boot->config, KIND, name, statements,
	                                          is_finished, run->arena));

	if (!db_run(db, sql, err))
		return err->fault < FAULT_SIGNAL
		             ? err_within(err, "%s: commit", run->boot->config->initdb_dir)
		             : false;
	run->part = part;
	run->statements = statements;
	return true;
}

/* A database that exists is as good as one that was created: files are meant to be repeatable. */
static bool
forgive(const struct statement *statement, struct err *err)
{
	if (statement->alone != ALONE_CREATE_DATABASE || strcmp(err->sqlstate, "42P04") != 0)
		return false;
	log_info("database %s exists already", statement->object);
	err_clear(err);
	return true;
}

static bool
run_alone(struct run *run, size_t part, size_t at, struct err *err)
{
	const struct batch *batch = &run->parts[part]->batch;
	const struct statement *statement = &batch->statements[at];

	return commit(run, part, at, err) &&
	       (send_statement(run->boot, batch, at, send_settings(batch, at, run->arena), NULL,
	                       err) ||
	        forgive(statement, err)) &&
	       commit(run, part, at + 1, err);
}

/* The rest of a file that has statements which run alone. */
static bool
run_statements(struct run *run, size_t part, size_t first, struct err *err)
{
	const struct part *file = run->parts[part];
	bool is_ours = false;

	for (size_t i = first; i < file->batch.count; i++) {
		const struct statement *statement = &file->batch.statements[i];
		const char *before =
			is_ours ? NULL
				: arena_print(run->arena, "%s%s", opening(run),
		                              send_settings(&file->batch, i, run->arena));

		is_ours = !file->script.no_transaction && statement->kind != STATEMENT_ALONE;
		if (!(is_ours ? send_statement(run->boot, &file->batch, i, before, NULL, err)
		              : run_alone(run, part, i, err)))
			return false;
	}
	return true;
}

static bool
run_sql(struct run *run, size_t part, struct err *err)
{
	const struct part *file = run->parts[part];
	const size_t first = part == run->part ? run->statements : 0;

	if (first || file->script.no_transaction || file->batch.has_alone)
		return run_statements(run, part, first, err);
	return send_batch(run->boot, &file->script, &file->batch, opening(run), NULL, run->arena,
	                  err);
}

static bool
run_shell(struct run *run, size_t part, struct err *err)
{
	return commit(run, part, 0, err) && session_may_idle(run->boot->db, err) &&
	       shell_run(run->boot, run->parts[part]->path, err) && commit(run, part, 1, err);
}

static bool
run_parts(struct run *run, struct err *err)
{
	for (size_t i = run->part; i < run->count; i++) {
		const int64_t since = clock_now();
		const struct part *part = run->parts[i];

		progress_file(run->boot, part->name);
		if (!(part->is_shell ? run_shell(run, i, err) : run_sql(run, i, err)))
			return false;
		log_info("%s in %lld ms", part->name, (long long)(clock_now() - since));
	}
	return commit(run, run->count, 0, err);
}

/* What stays although the run has failed. */
static bool
tell_committed(const struct run *run, struct err *err)
{
	struct text names = text_new(run->arena);

	for (size_t i = 0; i < run->part; i++)
		text_print(&names, "%s%s", i ? ", " : "", run->parts[i]->name);
	if (run->statements)
		text_print(&names, "%sof %s the first %zu statements", run->part ? ", " : "",
		           run->parts[run->part]->name, run->statements);
	if (names.length)
		(void)err_detail(err, "committed before, and not run again: %s", names.at);
	return false;
}

bool
initdb_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	struct run run = { .boot = boot, .arena = &arena };
	struct patience patience = patience_new(boot->config);
	const int64_t since = clock_now();

	if (!boot->config->initdb_dir)
		return true;
	if (!folder_open(&folder, boot->config->initdb_dir, &arena, err) ||
	    !read_parts(&run, &folder, err) || !find_start(&run, err))
		return false;
	while (!run_parts(&run, err))
		if (!patience_retries(&patience, boot->db, err))
			return tell_committed(&run, err);
	progress_file(boot, NULL);
	boot->facts.initdb_done = true;
	log_info("%zu file%s of %s in %lld ms", run.count, run.count == 1 ? "" : "s", folder.path,
	         (long long)(clock_now() - since));
	return true;
}
