/* Step: insert what is missing, all files in one transaction. See seed.h. */
#include "seed.h"

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "seed/files.h"
#include "seed/insert.h"
#include "seed/scripts.h"
#include "sheet.h"
#include "summary.h"

/* What was done for a file; told when it is committed. */
struct done {
	size_t inserted;
	bool has_run;
};

static bool
run_script(struct boot *boot, const struct script *script, struct done *done, struct err *err)
{
	enum script_state state;

	if (!script_state(boot, script, &state, err))
		return false;
	done->has_run = state != SCRIPT_DONE;
	return !done->has_run || script_run(boot, script, err);
}

/* What waits for the end of the transaction, a deferred constraint: by whose rows is not said, so all are named. */
static bool
commit(struct boot *boot, const struct done *done, struct arena *arena, struct err *err)
{
	const struct seeds *seeds = boot->seeds;
	struct text names = text_new(arena);

	if (db_run(boot->db, "commit", err))
		return true;
	for (size_t i = 0; i < seeds->count; i++)
		if (done[i].inserted || done[i].has_run)
			text_print(&names, "%s%s", names.length ? ", " : "", seeds->files[i].name);
	return *err->sqlstate && names.length
	             ? err_within(err, "%s, at the end of their transaction", names.at)
	             : false;
}

static bool
run_all(struct boot *boot, struct done *done, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct seeds *seeds = boot->seeds;
	/* Under a higher level the insert would not see what was committed before its lock was had. */
	const char *begin = arena_print(&arena, "%sset transaction isolation level read committed",
	                                transaction_begin_sql(boot, &arena));

	if (!db_run(boot->db, begin, err))
		return false;
	for (size_t i = 0; i < seeds->count; i++) {
		const struct seed_file *file = &seeds->files[i];

		progress_file(boot, file->name);
		done[i] = (struct done){ 0 };
		if (file->script ? !run_script(boot, file->script, &done[i], err)
		                 : !insert_missing(boot, file->sheet, &done[i].inserted, err))
			return false;
	}
	progress_file(boot, NULL);
	return commit(boot, done, &arena, err);
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
tell(const struct boot *boot, const struct done *done)
{
	const struct seeds *seeds = boot->seeds;
	size_t inserted = 0, run = 0;

	for (size_t i = 0; i < seeds->count; i++) {
		const struct seed_file *file = &seeds->files[i];

		inserted += done[i].inserted;
		run += done[i].has_run;
		if (done[i].has_run)
			log_info("%s: run", file->name);
		if (done[i].inserted)
			log_info("%s: %zu row%s inserted into %s (of %zu)", file->name,
			         done[i].inserted, plural(done[i].inserted),
			         file->sheet->table_shown, file->sheet->row_count);
	}
	if (inserted || !run)
		summary_note(boot->summary, (int64_t)inserted, inserted == 1 ? "row" : "rows");
	else
		summary_note(boot->summary, (int64_t)run, run == 1 ? "script" : "scripts");
	if (seeds->script_count)
		log_info("%zu row%s inserted, %zu script%s run", inserted, plural(inserted), run,
		         plural(run));
	else
		log_info("%zu row%s inserted", inserted, plural(inserted));
}

bool
seed_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct patience patience = patience_new(boot->config);
	struct done *done = arena_alloc(&arena, boot->seeds->count * sizeof *done);

	while (!run_all(boot, done, err))
		if (!patience_retries(&patience, boot->db, err))
			return false;
	tell(boot, done);
	return true;
}
