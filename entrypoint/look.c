/* See look.h. */
#include "look.h"

#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "check.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "names.h"
#include "scoped.h"
#include "seed.h"
#include "signals.h"

bool
look_read_files(struct boot *boot, struct err *err)
{
	struct config wanted = *boot->config;

	if (!config_wants(boot->config, "migrate"))
		wanted.migrations_dir = NULL;
	if (!config_wants(boot->config, "seed"))
		wanted.seeds_dir = NULL;
	if (!config_wants(boot->config, "check"))
		wanted.checks_dir = NULL;
	return migrations_read(&boot->migrations, &wanted, boot->arena, err) &&
	       seeds_read(&boot->seeds, &wanted, boot->arena, err) &&
	       checks_read(&boot->checks, &wanted, boot->arena, err);
}

/* Schemas whose relations do not count. */
static const char *
schema_list(const struct config *config, struct arena *arena)
{
	struct text list = text_new(arena);

	text_print(&list, "{%s", name_quoted(config->schema, arena));
	for (size_t i = 0; i < config->foreign_schemas.count; i++)
		text_print(&list, ",%s", name_quoted(config->foreign_schemas.at[i], arena));
	text_add(&list, "}");
	return list.at;
}

bool
look_for_relation(struct boot *boot, const char **relation, struct arena *arena, struct err *err)
{
	/* Objects below 16384 are initdb's own (access/transam.h, FirstNormalObjectId). */
	static const char sql[] =
		"select coalesce((\n"
		"    select relation.oid\n"
		"    from pg_class as relation join pg_namespace on pg_namespace.oid = relnamespace\n"
		"    where relation.oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'S', 'f')\n"
		"    and nspname <> all ($1::text[]) and nspname not like 'pg\\_t%'\n"
		"    and not exists (\n"
		"        select from pg_depend\n"
		"        where classid = 'pg_class'::regclass and objid = relation.oid\n"
		"        and deptype = 'e')\n"
		"    order by relation.oid limit 1), (\n"
		"    select 0 from pg_largeobject_metadata limit 1))";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql, schema_list(boot->config, arena)), &answer,
	            err))
		return false;
	*relation = answer_at(&answer, 0, 0) ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	return true;
}

static void
take_ledger(struct boot *boot, const struct ledger *ledger)
{
	db_note_pid(boot->db, ledger->backend_pid);
	boot->facts.reads_only = ledger->reads_only;
	boot->facts.initdb_done = ledger->initdb_done;
	boot->facts.relation = ledger->relation;
	boot->facts.relation_is_there = ledger->relation_is_there;
	migrations_match(boot->migrations, ledger, boot->arena);
}

static void
take_seeds(struct boot *boot, const struct answer *answers, size_t count)
{
	boot->facts.seeds_missing = false;
	for (size_t i = 0; i < count; i++)
		boot->facts.seeds_missing |= answer_is_true(&answers[i], 0, 0);
}

static void
take_checks(struct boot *boot, const struct answer *answers, size_t count)
{
	boot->facts.checks_passed = true;
	for (size_t i = 0; i < count; i++)
		boot->facts.checks_passed &= answers[i].rows == 0;
}

/* Our tables are not there, or not for us: the facts alone, and everything counts as pending. */
static bool
ask_facts(struct boot *boot, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = ledger_facts_question();
	struct ledger ledger;

	if (!db_ask(boot->db, &question, &answer, err))
		return false;
	ledger_take(&ledger, &answer, boot->arena);
	take_ledger(boot, &ledger);
	return true;
}

/* The questions of a look: the ledger, then each of seeds and checks, in one transaction for the checks. */
struct asking {
	struct question *questions;
	struct answer *answers;
	size_t count, answered;
	size_t ledger, seeds, checks, end; /* where each begins */
};

static struct asking
compose(const struct boot *boot, struct arena *arena)
{
	const size_t seeds = seeds_question_count(boot->seeds);
	const size_t checks = checks_question_count(boot->checks);
	struct asking asking = { .ledger = checks > 0 };

	asking.seeds = asking.ledger + 1;
	asking.checks = asking.seeds + seeds;
	asking.end = asking.checks + checks;
	asking.count = asking.end + (checks > 0);
	asking.questions = arena_alloc(arena, asking.count * sizeof *asking.questions);
	asking.answers = arena_alloc(arena, asking.count * sizeof *asking.answers);
	asking.questions[asking.ledger] = ledger_question(boot->config, arena);
	seeds_questions(boot->seeds, boot->config, asking.questions + asking.seeds, arena);
	checks_questions(boot->checks, asking.questions + asking.checks);
	if (checks) {
		/* Ours only read by themselves; what a check does is not known. */
		asking.questions[0] = *ASK(SHAPE_NOTHING, "begin read only");
		asking.questions[asking.end] = *ASK(SHAPE_NOTHING, "commit");
	}
	return asking;
}

/* What was not answered counts as pending, or not passed. */
static bool
take(struct boot *boot, const struct asking *asking, struct err *err)
{
	struct ledger ledger;

	boot->facts = (struct facts){ .seeds_missing = true };
	transaction_abandon(boot->db);
	if (asking->answered <= asking->ledger)
		return ask_facts(boot, err);
	ledger_take(&ledger, &asking->answers[asking->ledger], boot->arena);
	take_ledger(boot, &ledger);
	boot->facts.has_ledger = true;
	if (asking->answered >= asking->checks)
		take_seeds(boot, asking->answers + asking->seeds, asking->checks - asking->seeds);
	if (asking->answered >= asking->end)
		take_checks(boot, asking->answers + asking->checks, asking->end - asking->checks);
	return true;
}

/* Someone dropped what the ledger says is there: to go on would fill the void with seeds. */
static bool
refuse_lost(struct boot *boot, struct err *err)
{
	const bool may_be_empty = boot->config->on_empty != ON_EMPTY_FAIL;
	const char *relation;

	if (boot->facts.relation_is_there || (!boot->facts.relation && may_be_empty))
		return true;
	if (!look_for_relation(boot, &relation, boot->arena, err))
		return false;
	if (relation)
		return true;
	if (!may_be_empty)
		return err_set(err, FAULT_WRONG, "the database is empty, and on_empty = fail");
	(void)err_set(
		err, FAULT_WRONG,
		"the ledger says that migrations were applied, but the database holds no table "
		"or other relation");
	return err_hint(err, "restore a backup; or start anew with: drop schema %s cascade;",
	                boot->config->schema);
}

bool
look_ask(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct asking asking = compose(boot, &arena);
	struct err refused = { 0 };
	bool was_taken;

	if (!db_ask_all(boot->db, asking.questions, asking.answers, asking.count, &asking.answered,
	                &refused))
		log_debug("not everything could be asked: %s", refused.what);
	was_taken = refused.fault == FAULT_NONE || refused.fault == FAULT_WRONG;
	if (was_taken)
		was_taken = take(boot, &asking, err);
	else
		*err = refused;
	for (size_t i = 0; i < asking.answered; i++)
		answer_free(&asking.answers[i]);
	return was_taken;
}

bool
look_judge(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;

	return refuse_lost(boot, err) &&
	       (!config_wants(config, "migrate") ||
	        migrations_judge(boot->migrations, config, err)) &&
	       (!config->min_version ||
	        migrations_judge_least(boot->migrations, config->min_version, err));
}

bool
initdb_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "initdb") && boot->config->initdb_dir &&
	       !boot->config->expect_schema && !boot->facts.initdb_done;
}

bool
migrate_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "migrate") && boot->migrations->pending &&
	       !boot->config->expect_schema;
}

bool
seed_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "seed") && !boot->config->expect_schema &&
	       boot->facts.seeds_missing && seeds_question_count(boot->seeds);
}

bool
boot_is_due(const struct boot *boot)
{
	return initdb_is_due(boot) || migrate_is_due(boot) || seed_is_due(boot);
}

/* expect_schema: another container migrates; until it has, this one waits. */
static bool
await_schema(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 100, 2000 };
	bool was_told = false;

	while (boot->migrations->pending) {
		if (clock_passed(boot->deadline))
			return err_set(
				err, FAULT_BUSY,
				"expect_schema: %zu migrations of this image are still not applied",
				boot->migrations->pending);
		if (!was_told)
			log_info("waiting until another container has applied %zu migrations",
			         boot->migrations->pending);
		was_told = true;
		if (!signals_pause(backoff_pause(&backoff), err) || !look_ask(boot, err))
			return false;
	}
	return true;
}

/* Something is to be written, and this server only reads: another may be promoted in time. */
static bool
await_writable(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 250, 2000 };
	bool was_told = false;

	while (boot->facts.reads_only && boot_is_due(boot)) {
		if (clock_passed(boot->deadline))
			return err_set(
				err, FAULT_NO_SERVER,
				"something is pending, but the server only reads: it is a standby, "
				"or sessions are read only by default");
		if (!was_told)
			log_info(
				"something is pending, but the server only reads: waiting for one that "
				"writes");
		was_told = true;
		db_close(&boot->db);
		if (!signals_pause(backoff_pause(&backoff), err) || !wait_again(boot, err) ||
		    !look_ask(boot, err))
			return false;
	}
	return true;
}

bool
look_run(struct boot *boot, struct err *err)
{
	if (!look_ask(boot, err))
		return false;
	if (boot->config->expect_schema && config_wants(boot->config, "migrate"))
		return look_judge(boot, err) && await_schema(boot, err);
	return await_writable(boot, err) && look_judge(boot, err) &&
	       (!migrate_is_due(boot) || migrations_proofread(boot->migrations, err));
}
