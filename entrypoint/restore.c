/* See restore.h. */
#include "restore.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "confirm.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "look.h"
#include "restore/danger.h"
#include "restore/expand.h"
#include "restore/grounds.h"
#include "restore/listing.h"
#include "restore/load.h"
#include "restore/pgdata.h"
#include "restore/plan.h"
#include "restore/replace.h"
#include "restore/restorer.h"
#include "restore/selection.h"
#include "restore/successor.h"
#include "restore/supply.h"
#include "restore/vacancy.h"
#include "restore/volumes.h"
#include "scoped.h"
#include "target.h"

static bool
names_one(const struct boot *boot, struct err *err)
{
	char *const *operands = boot->request->operands;

	if (*operands && operands[1])
		return err_set(err, FAULT_USAGE, "one source at a time, not %s too", operands[1]);
	if (*operands)
		return true;
	(void)err_set(err, FAULT_USAGE, "restore needs a source");
	return err_hint(err, "restore FILE: a dump of pg_dump, in any of its formats");
}

/* Asks the server, and tells on the page what would be done with the source. */
static bool
make_plan(struct plan *plan, const struct supply *supply, struct boot *boot, struct text *page,
          struct err *err)
{
	struct grounds *grounds = arena_alloc(page->arena, sizeof *grounds);

	if (!grounds_ask(grounds, boot->db, boot->config, page->arena, err) ||
	    !session_may_idle(boot->db, err))
		return false;
	grounds->is_successor = boot->request->replace;
	if (!plan_make(plan, supply, grounds, boot, page->arena, err))
		return false;
	plan_tell(plan, page);
	return true;
}

/* What a start that was killed has left of a restore is none of the database's own. */
static bool
is_vacant(struct boot *boot, struct arena *arena, struct err *err)
{
	const char *partial = boot->facts.partial, *relation = NULL;

	if ((!partial || strcmp(partial, "restore") != 0) &&
	    !look_for_relation(boot, &relation, arena, err))
		return false;
	return !relation || vacancy_refuse(boot, arena, err);
}

/*
 * The same boot, by the login of restore_as where that is set: in one transaction if it can be, so that nothing is left of a dump that
 * nobody has read, once it is refused.
 */
static bool
find_loader(struct boot *loader, struct db **restorer, struct boot *boot, struct arena *arena,
            struct err *err)
{
	struct config *config = arena_alloc(arena, sizeof *config);

	*loader = *boot;
	if (!restorer_is_due(boot))
		return true;
	loader->target = arena_alloc(arena, sizeof *loader->target);
	*restorer = restorer_open(boot, loader->target, arena, err);
	*config = *boot->config;
	config->restore_jobs = 1;
	loader->config = config;
	loader->db = *restorer;
	return *restorer;
}

/* Our own schema is within its reach only meanwhile. */
static bool
admit(struct boot *boot, const struct db *restorer, struct err *err)
{
	if (!restorer)
		return true;
	if (!restorer_admit(boot, restorer, err))
		return false;
	log_info("loaded as %s (restore_as), who will own it", db_user(restorer));
	return session_may_idle(boot->db, err);
}

static void
dismiss(struct boot *boot, const struct db *restorer)
{
	if (restorer)
		restorer_dismiss(boot, restorer);
}

/*
 * Into the database of the session. All files are unpacked before it is written, to take their place once it is restored: whenever
 * this is cut off, the next start knows by the database what to do with them (volumes_settle).
 */
static bool
load(struct boot *boot, const struct supply *supply, struct volumes *volumes, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(db_close) struct db *restorer = NULL;
	struct text page = text_new(&arena);
	struct boot loader;
	struct plan plan;
	const char *missed;
	bool was_done;

	if (!find_loader(&loader, &restorer, boot, &arena, err) ||
	    !session_may_idle(boot->db, err) || !make_plan(&plan, supply, &loader, &page, err))
		return false;
	volumes_tell(volumes, &page);
	log_lines(page.at);
	missed = plan_missed(&plan, &arena);
	if (*missed)
		log_warn("left out, since only a superuser may make it: %s", missed);
	if (!volumes_unpack(volumes, err))
		return false;
	was_done = admit(boot, restorer, err) && load_run(&loader, &plan, err);
	dismiss(boot, restorer);
	if (!was_done)
		volumes_abandon(volumes, err);
	return was_done;
}

bool
restore_source(struct boot *boot, const char *path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(supply_close) struct supply supply = { 0 };
	SCOPED(volumes_close) struct volumes *volumes = NULL;
	struct selection selection;

	return selection_read(&selection, boot->request->parts, boot->config, &arena, err) &&
	       session_may_idle(boot->db, err) && supply_prove(&supply, path, &arena, err) &&
	       volumes_find(&volumes, boot, &supply, &selection, &arena, err) &&
	       load(boot, &supply, volumes, err) && volumes_place(volumes, err);
}

bool
restore_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(supply_close) struct supply supply = { 0 };
	SCOPED(volumes_close) struct volumes *volumes = NULL;
	const char *path = *boot->request->operands;
	struct selection selection;

	if (!boot->request->replace)
		return is_vacant(boot, &arena, err) && restore_source(boot, path, err);
	return selection_read(&selection, boot->request->parts, boot->config, &arena, err) &&
	       session_may_idle(boot->db, err) && supply_prove(&supply, path, &arena, err) &&
	       volumes_find(&volumes, boot, &supply, &selection, &arena, err) &&
	       replace_run(boot, &supply, volumes, load, err);
}

/* What would be refused is told behind the plan; what a run that was cut off has left is no obstacle. */
static bool
judge_target(struct boot *boot, struct arena *arena, struct err *err)
{
	const char *relation, *cut_off = NULL;
	struct err ignored = { 0 }; /* no journal, then */
	struct successor successor;
	size_t statements;

	if (boot->request->replace)
		return successor_choose(&successor, boot, arena, err) ||
		       err_within(err, "the restore would be refused");
	if (!look_for_relation(boot, &relation, arena, err))
		return false;
	if (!relation || (journal_read(boot->db, boot->config, "restore", &cut_off, &statements,
	                               arena, &ignored) &&
	                  cut_off))
		return true;
	(void)vacancy_refuse(boot, arena, err); /* false below */
	return err_within(err, "the restore would be refused");
}

static bool
say_plan(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(supply_close) struct supply supply = { 0 };
	SCOPED(volumes_close) struct volumes *volumes = NULL;
	SCOPED(db_close) struct db *restorer = NULL;
	struct text page = text_new(&arena);
	struct selection selection;
	struct boot loader;
	struct plan plan;

	(void)log_step("restore");
	if (!names_one(boot, err) ||
	    !selection_read(&selection, boot->request->parts, boot->config, &arena, err) ||
	    !supply_prove(&supply, *boot->request->operands, &arena, err) ||
	    !volumes_find(&volumes, boot, &supply, &selection, &arena, err) ||
	    !wait_find_target(boot, err) || !wait_run(boot, err) || !look_await_answer(boot, err) ||
	    !find_loader(&loader, &restorer, boot, &arena, err) ||
	    !make_plan(&plan, &supply, &loader, &page, err))
		return false;
	volumes_tell(volumes, &page);
	return log_answer(page.at, err) && judge_target(boot, &arena, err);
}

/* To lose the files that are there now. */
static bool
consent(struct boot *boot, const struct volumes *volumes, const struct text *page, struct err *err)
{
	const char *names = volumes_replaced(volumes);

	return !*names ||
	       confirm_insist_on(boot, "REPLACE", names,
	                         arena_print(page->arena, "files are replaced: %s", names), err);
}

/* Without a server. */
static bool
restore_volumes(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(volumes_close) struct volumes *volumes = NULL;
	struct text page = text_new(&arena);
	struct selection selection;

	(void)log_step("restore");
	if (!names_one(boot, err) ||
	    !selection_read(&selection, boot->request->parts, boot->config, &arena, err) ||
	    !volumes_find_named(&volumes, boot, *boot->request->operands, &selection, &arena, err))
		return false;
	volumes_tell(volumes, &page);
	if (boot->request->plan)
		return log_answer(page.at, err);
	if (!consent(boot, volumes, &page, err))
		return false;
	log_lines(page.at);
	return volumes_unpack(volumes, err) && volumes_place(volumes, err);
}

static bool
say_dangers(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	SCOPED(supply_close) struct supply supply = { 0 };
	size_t count = 0;

	(void)log_step("restore");
	if (!names_one(boot, err) ||
	    !supply_prove(&supply, *boot->request->operands, &arena, err) ||
	    !danger_find(&supply, boot, &page, &count, err) || !log_answer(page.at, err))
		return false;
	return count == 0 ||
	       err_set(err, FAULT_WRONG, "%zu statement%s could do more than restore a database",
	               count, count == 1 ? "" : "s");
}

static bool
refuse_no_archive(struct err *err)
{
	(void)log_step("restore");
	(void)err_set(err, FAULT_USAGE, "restore --pgdata needs an archive"); /* false below */
	return err_hint(err, "restore --pgdata[=DIRECTORY] ARCHIVE: a tar or zip of the data "
	                     "directory of a stopped server");
}

/* With --only, and no `db` behind it. A word that is wrong is told by who reads it again. */
static bool
spares_database(const struct boot *boot)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct selection selection;
	struct err ignored = { 0 };

	return !selection_read(&selection, boot->request->parts, boot->config, &arena, &ignored) ||
	       !selection.has_database;
}

/* Options that would be dropped without a word. */
static bool
options_agree(const struct request *request, struct err *err)
{
	const struct {
		bool is_set;
		const char *name;
	} ways[] = { { request->check, "--check" },
		     { request->list, "--list" },
		     { request->lint, "--lint" },
		     { request->plan, "--plan" },
		     { request->pgdata && !request->check && !request->list, "--pgdata" } },
	  rest[] = { { request->replace, "--replace" },
		     { request->trusted, "--trusted" },
		     { request->parts && !request->check && !request->list, "--only" } };
	const char *way = NULL;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!ways[i].is_set)
			continue;
		if (way)
			return err_set(err, FAULT_USAGE, "%s and %s: one of them at a time", way,
			               ways[i].name);
		way = ways[i].name;
	}
	for (size_t i = 0; way && !request->plan && i < sizeof rest / sizeof *rest; i++)
		if (rest[i].is_set)
			return err_set(err, FAULT_USAGE, "%s has no sense with %s", rest[i].name,
			               way);
	if (!request->replace && (request->no_safety_copy || request->confirm))
		return err_set(err, FAULT_USAGE, "%s is for --replace alone",
		               request->confirm ? "--confirm" : "--no-safety-copy");
	return true;
}

static bool
awaits_file(const struct config *config)
{
	for (size_t i = 0; i < config->wait_for.count; i++)
		if (strncmp(config->wait_for.at[i], "file:", 5) == 0)
			return true;
	return false;
}

static bool
is_there(const char *source, struct err *err)
{
	struct stat status;

	return strcmp(source, "-") == 0 || stat(source, &status) == 0 ||
	       err_errno(err, FAULT_NO_SOURCE, "%s", source);
}

bool
restore_prepare(struct boot *boot, struct err *err)
{
	struct request *request = boot->request;

	(void)log_step("restore");
	return options_agree(request, err) && expand_operands(request, boot->arena, err) &&
	       (restore_only_says(boot) || awaits_file(boot->config) ||
	        is_there(*request->operands, err));
}

bool
restore_only_says(const struct boot *boot)
{
	const struct request *request = boot->request;

	return request->check || request->list || request->plan || request->lint ||
	       request->pgdata || !*request->operands || request->operands[1] ||
	       spares_database(boot);
}

bool
restore_say(struct boot *boot, struct err *err)
{
	const struct request *request = boot->request;

	if (request->pgdata && !request->check && !request->list && !request->operands[0])
		return refuse_no_archive(err);
	if (request->pgdata && !request->check && !request->list && !request->operands[1])
		return pgdata_run(boot, err);
	if (request->lint)
		return say_dangers(boot, err);
	if (!request->check && !request->list && spares_database(boot))
		return restore_volumes(boot, err);
	return request->plan ? say_plan(boot, err) : listing_run(boot, err);
}
