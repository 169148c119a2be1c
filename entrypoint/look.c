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

/* The questions of the look, in their order; seeds and checks follow. */
enum { ASK_BEGIN, ASK_FACTS, ASK_LEDGER, ASK_SEEDS };

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

static struct question
facts_question(void)
{
	return *ASK(
		SHAPE_ROWS,
		"select pg_backend_pid(),\n"
		"    pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean");
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
		"    select format('%I.%I', nspname, relname)\n"
		"    from pg_class as relation join pg_namespace on pg_namespace.oid = relnamespace\n"
		"    where relation.oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'S', 'f')\n"
		"    and nspname <> all ($1::text[]) and nspname not like 'pg\\_t%'\n"
		"    and not exists (\n"
		"        select from pg_depend\n"
		"        where classid = 'pg_class'::regclass and objid = relation.oid\n"
		"        and deptype = 'e')\n"
		"    order by relation.oid limit 1), (\n"
		"    select format('large object %s', oid) from pg_largeobject_metadata limit 1))";
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, sql, schema_list(boot->config, arena)), &answer,
	            err))
		return false;
	*relation = answer_at(&answer, 0, 0) ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	return true;
}

static void
take_facts(struct boot *boot, const struct answer *answer)
{
	db_note_pid(boot->db, answer_at(answer, 0, 0));
	boot->facts.reads_only = answer_is_true(answer, 0, 1);
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

/* What was not answered counts as pending, or not passed. */
static void
take(struct boot *boot, const struct answer *answers, size_t answered, size_t seeds, size_t checks)
{
	struct ledger ledger = { 0 };

	boot->facts = (struct facts){ .seeds_missing = true };
	if (answered > ASK_FACTS)
		take_facts(boot, &answers[ASK_FACTS]);
	if (answered > ASK_LEDGER) {
		ledger_take(&ledger, &answers[ASK_LEDGER], boot->arena);
		boot->facts.has_ledger = true;
		boot->facts.initdb_done = ledger.initdb_done;
		boot->facts.relation = ledger.relation;
		boot->facts.relation_is_there = ledger.relation_is_there;
	}
	if (answered >= ASK_SEEDS + seeds)
		take_seeds(boot, answers + ASK_SEEDS, seeds);
	if (answered >= ASK_SEEDS + seeds + checks)
		take_checks(boot, answers + ASK_SEEDS + seeds, checks);
	migrations_match(boot->migrations, &ledger, boot->arena);
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
	const size_t seeds = seeds_question_count(boot->seeds);
	const size_t checks = checks_question_count(boot->checks);
	const size_t count = ASK_SEEDS + seeds + checks + 1;
	struct question *questions = arena_alloc(&arena, count * sizeof *questions);
	struct answer *answers = arena_alloc(&arena, count * sizeof *answers);
	struct err refused = { 0 };
	size_t answered;
	bool was_fine;

	questions[ASK_BEGIN] = *ASK(SHAPE_NOTHING, "begin read only");
	questions[ASK_FACTS] = facts_question();
	questions[ASK_LEDGER] = ledger_question(boot->config, &arena);
	seeds_questions(boot->seeds, boot->config, questions + ASK_SEEDS, &arena);
	checks_questions(boot->checks, questions + ASK_SEEDS + seeds);
	questions[count - 1] = *ASK(SHAPE_NOTHING, "commit");
	was_fine = db_ask_all(boot->db, questions, answers, count, &answered, &refused);
	if (!was_fine && refused.fault != FAULT_WRONG) {
		*err = refused;
	} else {
		take(boot, answers, answered, seeds, checks);
		transaction_abandon(boot->db);
	}
	for (size_t i = 0; i < answered; i++)
		answer_free(&answers[i]);
	if (!was_fine)
		log_debug("not everything could be asked: %s", refused.what);
	return err->fault == FAULT_NONE;
}

bool
look_judge(struct boot *boot, struct err *err)
{
	return refuse_lost(boot, err) && (!config_wants(boot->config, "migrate") ||
	                                  migrations_judge(boot->migrations, boot->config, err));
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
