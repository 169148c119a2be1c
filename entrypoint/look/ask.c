/* What a look asks, in one round trip, and what its answers mean. See look.h. */
#include <string.h>

#include "../application.h"
#include "../arena.h"
#include "../attempt.h"
#include "../begun.h"
#include "../boot.h"
#include "../check.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../history.h"
#include "../identity.h"
#include "../ledger.h"
#include "../log.h"
#include "../look.h"
#include "../migration.h"
#include "../migrator.h"
#include "../phase.h"
#include "../scoped.h"
#include "../seed.h"
#include "../target.h"

/* ms; longer than this, a word is due. */
#define SLOW 2000
#define SLOW_AGAIN 10000
/* What a look stands in line for a locked table: another container's migration may hold it as long as it holds the boot lock. */
#define LOOK_LOCKS "1s"
/* The column of server_question where the identity begins. */
#define IDENTITY 6

bool
look_read_files(struct boot *boot, struct err *err)
{
	struct config wanted = *boot->config;
	const char *step;

	if (boot->checks)
		return true;
	step = log_step(NULL); /* a wrong file is wrong whenever it is read */
	if (!config_wants(boot->config, "migrate"))
		wanted.migrations_dir = NULL;
	if (!config_wants(boot->config, "seed"))
		wanted.seeds_dir = NULL;
	if (!config_wants(boot->config, "check"))
		wanted.checks_dir = NULL;
	if (!migrations_read(&boot->migrations, &wanted, boot->arena, err) ||
	    !seeds_read(&boot->seeds, &wanted, boot->arena, err) ||
	    !checks_read(&boot->checks, &wanted, boot->arena, err))
		return false;
	if (boot->last && !migrations_limit(boot->migrations, boot->last, err))
		return false;
	(void)log_step(step);
	return true;
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

/*
 * The questions of a look: settings of the session, the ledger, then each of seeds and checks. With any of these, in one
 * transaction that cannot write, and does not wait long.
 */
struct asking {
	struct question *questions;
	struct answer *answers;
	size_t count, answered;
	size_t server, empty, ledger, journal, history, command, seeds, checks,
		end; /* where each begins */
	bool in_transaction;
};

/* Where the application has a connection of its own, it is to come to the same database as we. */
static bool
wants_identity(const struct boot *boot)
{
	return boot->config->admin_url && config_wants(boot->config, "check");
}

static struct question
server_question(const struct boot *boot, struct arena *arena)
{
	static const char sql[] =
		"select pg_backend_pid(),\n"
		"    pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean,\n"
		"    current_setting('listen_addresses') <> ''\n"
		"        or clock_timestamp() - pg_postmaster_start_time() > interval '3 s',\n"
		"    extract(epoch from pg_postmaster_start_time()), %s%s%s";
	const bool has_identity = wants_identity(boot);

	/* Before the lock nobody knows whether anything will be written. */
	return *ASK(
		SHAPE_ROWS,
		arena_print(arena, sql,
	                    boot->lock ? ledger_denied_sql(boot->db, boot->config, arena) : "false",
	                    has_identity ? ",\n    " : "", has_identity ? identity_columns : ""));
}

/* How many stand before those that a frame is around. */
static size_t
framed_at(const struct boot *boot)
{
	return boot->target->search_path ? 3 : 2;
}

/* Where each begins. */
static struct asking
lay_out(const struct boot *boot, struct arena *arena)
{
	/* Over a socket it may be the temporary server of an image that initialises. */
	const bool with_server = db_is_socket(boot->db) || wants_identity(boot);
	struct question command;
	const bool with_command = migrator_question(boot->config, &command);
	struct asking asking = { .in_transaction = checks_question_count(boot->checks) ||
		                                   seeds_question_count(boot->seeds) ||
		                                   with_command || boot->target->search_path };

	asking.server = asking.in_transaction ? framed_at(boot) : 0;
	asking.empty = asking.server + with_server;
	asking.ledger = asking.empty + look_asks_emptiness(boot);
	asking.journal = asking.ledger + 1;
	asking.history = asking.journal + initdb_is_wanted(boot);
	asking.command = asking.history + history_is_asked(boot->migrations);
	asking.seeds = asking.command + with_command;
	asking.checks = asking.seeds + seeds_question_count(boot->seeds);
	asking.end = asking.checks + checks_question_count(boot->checks);
	asking.count = asking.end + asking.in_transaction;
	asking.questions = arena_alloc(arena, asking.count * sizeof *asking.questions);
	asking.answers = arena_alloc(arena, asking.count * sizeof *asking.answers);
	if (with_command)
		asking.questions[asking.command] = command;
	return asking;
}

/* A transaction that cannot write, with the address's search_path, around those that stand before `end`. */
static void
frame(const struct boot *boot, struct question *questions, size_t end, struct arena *arena)
{
	const char *path = boot->target->search_path;

	questions[0] = *ASK(SHAPE_NOTHING, "begin read only");
	questions[1] = *ASK(SHAPE_NOTHING, "set local lock_timeout = '" LOOK_LOCKS "'");
	if (path)
		questions[2] =
			*ASK(SHAPE_NOTHING, arena_print(arena, "set local search_path = %s", path));
	questions[end] = *ASK(SHAPE_NOTHING, "commit");
}

static struct asking
compose(const struct boot *boot, struct arena *arena)
{
	struct asking asking = lay_out(boot, arena);
	struct question *questions = asking.questions;

	if (asking.in_transaction)
		frame(boot, questions, asking.end, arena);
	if (asking.empty > asking.server)
		questions[asking.server] = server_question(boot, arena);
	if (asking.ledger > asking.empty) /* before those that may fail */
		questions[asking.empty] = empty_question(boot->config, arena);
	questions[asking.ledger] = ledger_question(boot->config, boot->tells_times, arena);
	if (asking.history > asking.journal)
		questions[asking.journal] = journal_question(boot->config, arena);
	if (asking.command > asking.history)
		questions[asking.history] = history_question(boot->migrations, boot->config, arena);
	seeds_questions(boot->seeds, boot->config, questions + asking.seeds, arena);
	checks_questions(boot->checks, questions + asking.checks);
	return asking;
}

static void
take_server(struct boot *boot, const struct answer *answer)
{
	db_note_pid(boot->db, answer_at(answer, 0, 0));
	boot->facts.is_standby = answer_is_true(answer, 0, 1);
	boot->facts.reads_only = boot->facts.is_standby || answer_is_true(answer, 0, 2);
	boot->facts.is_settled = answer_is_true(answer, 0, 3);
	boot->facts.started = arena_copy(boot->arena, answer_at(answer, 0, 4));
	boot->facts.is_denied = answer_is_true(answer, 0, 5);
	if (answer->columns > IDENTITY) {
		struct identity *identity = arena_alloc(boot->arena, sizeof *identity);

		*identity = identity_take(answer, IDENTITY, boot->arena);
		boot->facts.identity = identity;
	}
	boot->facts.server_is_known = true;
}

void
look_forget(struct boot *boot)
{
	if (boot->ledger)
		answer_free(boot->ledger);
	boot->ledger = NULL;
}

/* What was not answered counts as pending, or not passed. */
static bool
take(struct boot *boot, struct asking *asking, struct err *err)
{
	struct ledger ledger = { 0 };
	const bool has_history =
		asking->command > asking->history && asking->answered > asking->history;

	boot->facts =
		(struct facts){ .seeds_missing = true,
		                .started = boot->facts.started,
		                .glanced_at = boot->facts.glanced_at,
		                .application = boot->facts.application,
		                .application_was_refused = boot->facts.application_was_refused };
	if (asking->empty > asking->server && asking->answered > asking->server)
		take_server(boot, &asking->answers[asking->server]);
	if (asking->ledger > asking->empty && asking->answered > asking->empty) {
		boot->facts.is_empty = !answer_at(&asking->answers[asking->empty], 0, 0);
		boot->facts.emptiness_is_known = true;
	}
	if (asking->answered > asking->ledger) {
		look_forget(boot);
		boot->ledger = arena_alloc(boot->arena, sizeof *boot->ledger);
		*boot->ledger = asking->answers[asking->ledger];
		asking->answers[asking->ledger] = (struct answer){ 0 };
		ledger_take(&ledger, boot->ledger, boot->arena);
		boot->facts.has_ledger = true;
	}
	boot->facts.is_changing = ledger.is_changing;
	boot->facts.owes_after = ledger.owes_after;
	boot->facts.was_new = ledger.is_new;
	boot->facts.had_relations = ledger.had_relations;
	boot->facts.relation_is_there = ledger.relation_is_there;
	boot->facts.baseline = ledger.baseline;
	boot->facts.partial = ledger.partial;
	boot->facts.restored = ledger.restored;
	if (asking->history > asking->journal && asking->answered > asking->journal)
		boot->facts.initdb_done =
			journal_is_finished(&asking->answers[asking->journal], "initdb");
	if (asking->seeds > asking->command && asking->answered > asking->command)
		boot->facts.command_is_done = migrator_is_done(&asking->answers[asking->command]);
	if (asking->answered >= asking->checks && boot->facts.has_ledger)
		take_seeds(boot, asking->answers + asking->seeds, asking->checks - asking->seeds);
	if (asking->answered >= asking->end && boot->facts.has_ledger)
		take_checks(boot, asking->answers + asking->checks, asking->end - asking->checks);
	return history_settle(boot, &ledger, has_history ? &asking->answers[asking->history] : NULL,
	                      err) &&
	       begun_settle(boot, err);
}

/* Nothing else says why it stands still. */
static int64_t
tell_slow(void *told, int64_t ran)
{
	const struct boot *boot = told;

	phase_catch_up(boot->phase);
	log_info("the server takes its time (%lld s)", (long long)(ran / 1000));
	return SLOW_AGAIN;
}

/* While the server answers: once, and only where what it sees is held against the answers. */
static bool
glance(void *told, struct err *err)
{
	struct boot *boot = told;
	const bool is_wanted = boot->glances && wants_identity(boot);

	boot->glances = false;
	return !is_wanted || application_glance(boot, err);
}

/*
 * All of them; and where the server can make nothing of the text, because one of the last is no SQL, those before.
 * (The first one fails only then, if it is the begin.)
 */
static bool
ask_all(struct boot *boot, struct asking *asking, struct err *err)
{
	const struct db_meanwhile meanwhile = { glance, boot };

	if (db_ask_together(boot->db, asking->questions, asking->answers, asking->count,
	                    &asking->answered, &meanwhile, err))
		return true;
	if (asking->answered || err->fault != FAULT_WRONG || asking->count == asking->command ||
	    (!asking->in_transaction && strcmp(err->sqlstate, "42601") != 0))
		return false;
	log_debug("migrate_command_check, seeds and checks could not be asked: %s", err->what);
	err_clear(err);
	return db_ask_together(boot->db, asking->questions, asking->answers, asking->command,
	                       &asking->answered, NULL, err);
}

/* In a round trip of its own, since it is long: for where each large sheet has its first row. */
static bool
ask_large_seeds(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const size_t large = seeds_large_count(boot->seeds), first = framed_at(boot),
		     count = first + large + 1;
	struct question *questions = arena_alloc(&arena, count * sizeof *questions);
	struct answer *answers = arena_alloc(&arena, count * sizeof *answers);
	size_t answered = 0;
	bool was_asked;

	if (!large || boot->facts.seeds_missing)
		return true;
	frame(boot, questions, count - 1, &arena);
	seeds_large_questions(boot->seeds, questions + first, &arena);
	was_asked = db_ask_all(boot->db, questions, answers, count, &answered, err);
	if (was_asked)
		take_seeds(boot, answers + first, large);
	for (size_t i = 0; i < answered; i++)
		answer_free(&answers[i]);
	if (was_asked || err->fault != FAULT_WRONG)
		return was_asked;
	log_debug("not all seeds could be asked for: %s", err->what);
	err_clear(err);
	boot->facts.seeds_missing = true;
	transaction_abandon(boot->db);
	return true;
}

/*
 * With the lock held nobody looks again: what was begun or finished here has to be known. That nothing was is said by a ledger
 * that is not there, or not ours to read (ledger.h); any other failure says nothing.
 */
static bool
leaves_unknown(const struct boot *boot, const struct asking *asking, const struct err *refused)
{
	return boot->lock && refused->fault == FAULT_WRONG && asking->answered < asking->history &&
	       !err_is_absence(refused) && strcmp(refused->sqlstate, "42501") != 0 &&
	       strcmp(refused->sqlstate, "42703") != 0;
}

static bool
ask(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct asking asking;
	struct err refused = { 0 };
	bool was_asked;

	if (!look_read_files(boot, err))
		return false;
	asking = compose(boot, &arena);
	if (!boot->lock)
		boot->facts.glanced_at = 0; /* that was beside another look */
	/* With the lock held its session tells who blocks us. */
	if (!boot->lock)
		db_on_slow(boot->db, SLOW, tell_slow, boot);
	if (!ask_all(boot, &asking, &refused))
		log_debug("not everything could be asked: %s", refused.what);
	transaction_abandon(boot->db);
	was_asked = refused.fault == FAULT_NONE || refused.fault == FAULT_WRONG;
	if (leaves_unknown(boot, &asking, &refused)) {
		if (strcmp(refused.sqlstate, "55P03") == 0)
			refused.fault = FAULT_BUSY;
		was_asked = err_within(&refused, "what was done here before could not be read");
	}
	if (was_asked) {
		was_asked = take(boot, &asking, err);
		boot->facts.checks_passed &= refused.fault == FAULT_NONE;
	} else {
		*err = refused;
	}
	for (size_t i = 0; i < asking.answered; i++)
		answer_free(&asking.answers[i]);
	return was_asked && ask_large_seeds(boot, err);
}

bool
look_at_server(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const struct question question = server_question(boot, &arena);

	if (!db_ask(boot->db, &question, &answer, err))
		return false;
	take_server(boot, &answer);
	return true;
}

bool
look_know_server(struct boot *boot, struct err *err)
{
	return boot->facts.server_is_known || look_at_server(boot, err);
}

/* A program that checks is given what a pooler would refuse (child.c). */
static bool
matters_who_answers(const struct boot *boot)
{
	return boot_is_due(boot) || boot->config->migrate_command_check.words;
}

bool
look_ask(struct boot *boot, struct err *err)
{
	return ask(boot, err) && look_at_emptiness(boot, err) && look_at_snapshot(boot, err) &&
	       (!matters_who_answers(boot) || look_know_server(boot, err)) &&
	       migrator_ask(boot, err);
}
