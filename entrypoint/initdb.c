/*
 * Step: the files of initdb_dir, once, as the official postgres image runs them. All of them are one
 * transaction with its journal row, which ends before each .sh file and each statement that cannot
 * run in one; a later start runs what is not noted there by name. Where a snapshot waits for a new
 * database, each of these transactions says that it still is one (LEDGER_NEW).
 */
#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "begun.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "folder.h"
#include "initdb/noted.h"
#include "initdb/part.h"
#include "ledger.h"
#include "log.h"
#include "names.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"
#include "shell.h"
#include "summary.h"

struct run {
	struct boot *boot;
	struct arena *arena;
	struct part *parts;
	size_t count;
};

static const struct part *
find_part(const struct run *run, const char *file)
{
	for (size_t i = 0; i < run->count; i++)
		if (strcmp(run->parts[i].name, file) == 0)
			return &run->parts[i];
	return NULL;
}

/* Is what was run of it as it was then? */
static bool
is_kept(const struct part *part, const struct noted *noted, struct arena *arena)
{
	if (!noted->digest || part->is_shell)
		return true;
	return noted->statements <= part->batch->count &&
	       strcmp(begun_digests(part->batch, arena)[noted->statements], noted->digest) == 0;
}

/* Of a file that is gone nothing could run the rest, and of an edited one nobody knows where that begins. */
static bool
refuse_half_run(const struct run *run, const struct noted_files *files, struct err *err)
{
	const struct config *config = run->boot->config;

	for (size_t i = 0; i < files->count; i++) {
		const struct noted *noted = &files->at[i];
		const struct part *part = find_part(run, noted->file);
		size_t statements;

		if (noted_is_done(files, noted->file, folder_name_ends(noted->file, ".sh"),
		                  &statements) ||
		    !statements || noted->statements != statements ||
		    (part && is_kept(part, noted, run->arena)))
			continue;
		(void)err_set(err, FAULT_WRONG, "%s/%s is half run, %zu statement%s in, %s",
		              config->initdb_dir, noted->file, statements,
		              statements == 1 ? "" : "s",
		              part ? "and was changed in what is done"
		                   : "but there is no such file"); /* false below */
		return err_hint(err,
		                "%s; or undo by hand what it did, and: delete from %s.journal "
		                "where kind = %s;",
		                part ? ledger_put_back(statements, run->arena)
		                     : "put it back: it goes on where it stopped",
		                name_quoted(config->schema, run->arena),
		                db_literal(run->boot->db, noted->kind, run->arena));
	}
	return true;
}

/* Where an earlier start came to. */
static bool
find_start(struct run *run, struct err *err)
{
	struct noted_files noted = { 0 };
	const char *next = NULL;

	if (!noted_read(&noted, run->boot->db, run->boot->config, run->arena, err) ||
	    !refuse_half_run(run, &noted, err))
		return false;
	for (size_t i = 0; i < run->count; i++) {
		struct part *part = &run->parts[i];

		part->is_done =
			noted_is_done(&noted, part->name, part->is_shell, &part->statements);
		if (!part->is_done && !next)
			next = part->name;
	}
	if (noted.count)
		log_info("an earlier start broke off: going on with %s", next ? next : "its end");
	return true;
}

/* The session becomes ours again, in a transaction. */
static const char *
opening(const struct run *run)
{
	return db_in_transaction(run->boot->db) ? transaction_own_sql(run->boot, run->arena)
	                                        : transaction_begin_sql(run->boot, run->arena);
}

/* To a snapshot what initdb.d has made counts as nothing, also if another start loads it. */
static const char *
as_new(const struct run *run)
{
	const struct boot *boot = run->boot;

	return boot->facts.loads_snapshot
	             ? arena_join(run->arena, ledger_new_sql(boot->db, boot->config, run->arena),
	                          ";\n", "")
	             : "";
}

/* The journal's part: all in front of this file is done, and so many statements of it; behind the last one the run is at its end. */
static const char *
noting(const struct run *run, size_t at, size_t statements)
{
	const struct boot *boot = run->boot;
	const struct part *const parts = run->parts;
	struct text sql = text_new(run->arena);

	if (at == run->count)
		return arena_join(run->arena,
		                  noted_end_sql(boot->db, boot->config,
		                                at ? parts[at - 1].name : "", run->arena),
		                  ";\n", "");
	for (size_t i = 0; i < at; i++)
		if (!parts[i].is_done)
			text_print(&sql, "%s;\n",
			           noted_done_sql(boot->db, boot->config, parts[i].name,
			                          run->arena));
	if (statements)
		text_print(&sql, "%s;\n",
		           noted_half_sql(boot->db, boot->config, parts[at].name, statements,
		                          parts[at].digests[statements], run->arena));
	return sql.at;
}

/* Commits what is open, together with the journal; alone where nothing is. */
static bool
commit(struct run *run, size_t at, size_t statements, struct err *err)
{
	struct db *db = run->boot->db;
	/* A file may have taken another role. */
	const char *sql = arena_print(run->arena, "%s%s%scommit", opening(run), as_new(run),
	                              noting(run, at, statements));

	if (!db_run(db, sql, err))
		return err->fault < FAULT_SIGNAL
		             ? err_within(err, "%s: commit", run->boot->config->initdb_dir)
		             : false;
	for (size_t i = 0; i < at; i++)
		run->parts[i].is_done = true;
	if (at < run->count)
		run->parts[at].statements = statements;
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
	const struct batch *batch = run->parts[part].batch;
	const struct statement *statement = &batch->statements[at];

	return commit(run, part, at, err) &&
	       (send_statement(run->boot, batch, at, send_settings(batch, at, run->arena), NULL,
	                       err) ||
	        forgive(statement, err)) &&
	       commit(run, part, at + 1, err);
}

/* The rest of a file that has statements which run alone. */
static bool
run_statements(struct run *run, size_t part, struct err *err)
{
	struct part *file = &run->parts[part];
	bool is_ours = false;

	file->digests = begun_digests(file->batch, run->arena);
	for (size_t i = file->statements; i < file->batch->count; i++) {
		const struct statement *statement = &file->batch->statements[i];
		const char *before = is_ours
		                           ? NULL
		                           : arena_print(run->arena, "%s%s", opening(run),
		                                         send_settings(file->batch, i, run->arena));

		is_ours = !file->script->no_transaction && statement->kind != STATEMENT_ALONE;
		if (!(is_ours ? send_statement(run->boot, file->batch, i, before, NULL, err)
		              : run_alone(run, part, i, err)))
			return false;
	}
	return true;
}

static bool
run_sql(struct run *run, size_t part, struct err *err)
{
	const struct part *file = &run->parts[part];

	if (file->statements || file->script->no_transaction || file->batch->has_alone)
		return run_statements(run, part, err);
	return send_batch(run->boot, file->script, file->batch, opening(run), NULL, run->arena,
	                  err);
}

/* The last one's end is noted with that of the run. */
static bool
run_shell(struct run *run, size_t part, struct err *err)
{
	return commit(run, part, 0, err) && session_may_idle(run->boot->db, err) &&
	       shell_run(run->boot, run->parts[part].path, err) &&
	       (part + 1 == run->count || commit(run, part + 1, 0, err));
}

static bool
run_parts(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->count; i++) {
		const int64_t since = clock_now();
		const struct part *part = &run->parts[i];

		if (part->is_done)
			continue;
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

	for (size_t i = 0; i < run->count; i++) {
		const struct part *part = &run->parts[i];
		const char *between = names.length ? ", " : "";

		if (part->is_done)
			text_print(&names, "%s%s", between, part->name);
		else if (part->statements)
			text_print(&names, "%sof %s the first %zu statement%s", between, part->name,
			           part->statements, part->statements == 1 ? "" : "s");
	}
	if (names.length)
		(void)err_detail(err, "committed before, and not run again: %s", names.at);
	return false;
}

static bool
open_folder(struct folder *folder, const struct boot *boot, struct arena *arena, struct err *err)
{
	const struct config *config = boot->config;

	return folder_open(folder, config->initdb_dir, arena, err) ||
	       err_within(err, "%s", config_called(config, "initdb_dir", arena));
}

bool
initdb_proofread(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(folder_close) struct folder folder = { .descriptor = -1 };
	struct run run = { .boot = boot, .arena = &arena };
	struct noted_files noted = { 0 };

	return open_folder(&folder, boot, &arena, err) &&
	       part_read_all(&run.parts, &run.count, &folder, &arena, err) &&
	       (!boot->facts.has_ledger ||
	        (noted_read(&noted, boot->db, boot->config, &arena, err) &&
	         refuse_half_run(&run, &noted, err)));
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
	if (!open_folder(&folder, boot, &arena, err) ||
	    !part_read_all(&run.parts, &run.count, &folder, &arena, err) || !find_start(&run, err))
		return false;
	while (!run_parts(&run, err))
		if (!patience_retries(&patience, boot->db, err))
			return tell_committed(&run, err);
	progress_file(boot, NULL);
	boot->facts.initdb_done = true;
	boot->facts.was_new |= boot->facts.loads_snapshot;
	summary_note(boot->summary, (int64_t)run.count, run.count == 1 ? "file" : "files");
	log_info("%zu file%s of %s in %lld ms", run.count, run.count == 1 ? "" : "s", folder.path,
	         (long long)(clock_now() - since));
	return true;
}
