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
#include "target.h"

/* ms; longer than this, a word is due. */
#define SLOW 2000

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
	boot->facts.initdb_done = ledger->initdb_done;
	boot->facts.had_relations = ledger->had_relations;
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

static bool
initdb_is_wanted(const struct boot *boot)
{
	return config_wants(boot->config, "initdb") && boot->config->initdb_dir &&
	       !boot->config->expect_schema;
}

/* The questions of a look: the ledger, then each of seeds and checks, in one transaction for the checks. */
struct asking {
	struct question *questions;
	struct answer *answers;
	size_t count, answered;
	size_t server, ledger, seeds, checks, end; /* where each begins */
};

static struct question
server_question(void)
{
	return *ASK(
		SHAPE_ROWS,
		"select pg_backend_pid(),\n"
		"    pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean,\n"
		"    current_setting('listen_addresses') <> ''\n"
		"        or clock_timestamp() - pg_postmaster_start_time() > interval '3 s'");
}

static struct asking
compose(const struct boot *boot, struct arena *arena)
{
	const size_t seeds = seeds_question_count(boot->seeds);
	const size_t checks = checks_question_count(boot->checks);
	/* Over a socket it may be the temporary server of an image that initialises. */
	const bool with_server = db_is_socket(boot->db);
	const char *path = boot->target->search_path;
	const bool in_transaction = checks || path;
	struct asking asking = { .server = (size_t)in_transaction + (path != NULL) };

	asking.ledger = asking.server + with_server;
	asking.seeds = asking.ledger + 1;
	asking.checks = asking.seeds + seeds;
	asking.end = asking.checks + checks;
	asking.count = asking.end + in_transaction;
	asking.questions = arena_alloc(arena, asking.count * sizeof *asking.questions);
	asking.answers = arena_alloc(arena, asking.count * sizeof *asking.answers);
	if (with_server)
		asking.questions[asking.server] = server_question();
	asking.questions[asking.ledger] =
		ledger_question(boot->config, initdb_is_wanted(boot), arena);
	seeds_questions(boot->seeds, boot->config, asking.questions + asking.seeds, arena);
	checks_questions(boot->checks, asking.questions + asking.checks);
	if (path)
		asking.questions[1] =
			*ASK(SHAPE_NOTHING, arena_print(arena, "set local search_path = %s",
		                                        name_quoted(path, arena)));
	if (in_transaction) {
		/* Ours only read by themselves; what a check does is not known. */
		asking.questions[0] = *ASK(SHAPE_NOTHING, "begin read only");
		asking.questions[asking.end] = *ASK(SHAPE_NOTHING, "commit");
	}
	return asking;
}

static void
take_server(struct boot *boot, const struct answer *answer)
{
	db_note_pid(boot->db, answer_at(answer, 0, 0));
	boot->facts.reads_only = answer_is_true(answer, 0, 1);
	boot->facts.is_settled = answer_is_true(answer, 0, 2);
	boot->facts.server_is_known = true;
}

/* What was not answered counts as pending, or not passed. */
static void
take(struct boot *boot, const struct asking *asking)
{
	struct ledger ledger = { 0 };

	boot->facts = (struct facts){ .seeds_missing = true };
	if (asking->ledger > asking->server && asking->answered > asking->server)
		take_server(boot, &asking->answers[asking->server]);
	if (asking->answered > asking->ledger) {
		ledger_take(&ledger, &asking->answers[asking->ledger], boot->arena);
		boot->facts.has_ledger = true;
	}
	take_ledger(boot, &ledger);
	if (asking->answered >= asking->checks && boot->facts.has_ledger)
		take_seeds(boot, asking->answers + asking->seeds, asking->checks - asking->seeds);
	if (asking->answered >= asking->end && boot->facts.has_ledger)
		take_checks(boot, asking->answers + asking->checks, asking->end - asking->checks);
}

/* Someone dropped what the ledger says is there: to go on would fill the void with seeds. */
static bool
refuse_lost(struct boot *boot, struct err *err)
{
	const bool may_be_empty = boot->config->on_empty != ON_EMPTY_FAIL;
	const char *relation;

	if (boot->facts.relation_is_there || (!boot->facts.had_relations && may_be_empty))
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

/* Seeds and checks read tables that someone may hold locked, and nothing else says why it stands still. */
static void
tell_slow(void *unused)
{
	(void)unused;
	log_info("the server takes its time: a table that seeds or checks read may be locked");
}

static bool
ask(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct asking asking = compose(boot, &arena);
	struct err refused = { 0 };
	bool was_asked;

	/* With the lock held its session tells who blocks us. */
	if (!boot->lock)
		db_on_slow(boot->db, SLOW, tell_slow, NULL);
	if (!db_ask_all(boot->db, asking.questions, asking.answers, asking.count, &asking.answered,
	                &refused))
		log_debug("not everything could be asked: %s", refused.what);
	transaction_abandon(boot->db);
	was_asked = refused.fault == FAULT_NONE || refused.fault == FAULT_WRONG;
	if (was_asked)
		take(boot, &asking);
	else
		*err = refused;
	for (size_t i = 0; i < asking.answered; i++)
		answer_free(&asking.answers[i]);
	return was_asked;
}

bool
look_at_server(struct boot *boot, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = server_question();

	if (!db_ask(boot->db, &question, &answer, err))
		return false;
	take_server(boot, &answer);
	return true;
}

bool
look_ask(struct boot *boot, struct err *err)
{
	return ask(boot, err) &&
	       (boot->facts.server_is_known || !boot_is_due(boot) || look_at_server(boot, err));
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
	return initdb_is_wanted(boot) && !boot->facts.initdb_done;
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

/* A new session a little later, for what another server, or this one, will say then. */
static bool
reopen(struct boot *boot, struct backoff *backoff, struct err *err)
{
	db_close(&boot->db);
	return signals_pause(backoff_pause(backoff), err) && wait_again(boot, err);
}

bool
look_await_settled(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 250, 500 };
	bool was_told = false;

	while (db_is_socket(boot->db) && !boot->facts.is_settled) {
		if (clock_passed(boot->deadline))
			return err_set(err, FAULT_NO_SERVER,
			               "the server listens on no address and was started just now");
		if (!was_told)
			log_info(
				"the server listens on no address: it may be the temporary one of an "
				"image that initialises");
		was_told = true;
		if (!reopen(boot, &backoff, err) || !look_at_server(boot, err))
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
		if (!reopen(boot, &backoff, err) || !look_ask(boot, err))
			return false;
	}
	return true;
}

/* A pooler logs in by itself: that the server behind it answers is seen only here. */
static bool
first_look(struct boot *boot, struct err *err)
{
	struct backoff backoff = { 100, 1000 };

	for (;;) {
		db_limit(boot->db, boot->deadline);
		if (look_ask(boot, err)) {
			db_limit(boot->db, CLOCK_NEVER);
			return true;
		}
		if (err->fault != FAULT_NO_SERVER || clock_passed(boot->deadline))
			return false;
		log_info("%s; trying again", err->what);
		err_clear(err);
		if (!reopen(boot, &backoff, err))
			return false;
	}
}

bool
look_run(struct boot *boot, struct err *err)
{
	if (!first_look(boot, err))
		return false;
	if (db_is_socket(boot->db) && !boot->facts.is_settled &&
	    (!look_await_settled(boot, err) || !look_ask(boot, err)))
		return false;
	if (boot->config->expect_schema && config_wants(boot->config, "migrate"))
		return look_judge(boot, err) && await_schema(boot, err) && look_judge(boot, err);
	return await_writable(boot, err) && look_judge(boot, err) &&
	       (!migrate_is_due(boot) || migrations_proofread(boot->migrations, err));
}
