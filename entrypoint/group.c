/* See group.h. */
#include "group.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "envelope.h"
#include "err.h"
#include "migration.h"
#include "parcel.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"

/* A transaction that is being sent, a parcel at a time. */
struct sending {
	struct boot *boot;
	const struct part *parts;
	size_t count;
	struct arena arena; /* of the parcel, and of what is in it */
	struct parcel *parcel;
	size_t statements;
	size_t failed;
};

enum grouping
grouping_choose(int setting, bool is_new)
{
	switch ((enum transactions)setting) {
	case TRANSACTIONS_AUTO:
		return is_new ? GROUPING_RUNS : GROUPING_FILE;
	case TRANSACTIONS_ALL:
		return GROUPING_ALL;
	case TRANSACTIONS_FILE:
		break;
	}
	return GROUPING_FILE;
}

bool
grouping_falls_back(enum grouping grouping, int fault, const char *sqlstate)
{
	return grouping == GROUPING_RUNS && fault == FAULT_WRONG && *sqlstate;
}

bool
grouping_is_refused(enum grouping grouping, int fault, const char *sqlstate)
{
	/* A new enum value that is used at once; pending trigger events of what an earlier file wrote. */
	return grouping == GROUPING_ALL && fault == FAULT_WRONG &&
	       (strcmp(sqlstate, "55P04") == 0 || strcmp(sqlstate, "55006") == 0);
}

/* All or nothing was asked for, and this one has to be by itself. */
static bool
refuse_alone(const struct boot *boot, struct err *err)
{
	const struct migrations *migrations = boot->migrations;
	const struct migration *alone = NULL;

	if (boot->config->migrations_transaction != TRANSACTIONS_ALL ||
	    migrations->pending + boot->facts.loads_snapshot < 2)
		return true;
	for (size_t i = 0; i < migrations->count && !alone; i++)
		if (migration_is_pending(&migrations->at[i]) && migrations->at[i].runs_alone)
			alone = &migrations->at[i];
	if (!alone)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "%s cannot run in a transaction, and migrations_transaction = all asks for "
	              "one around all that is pending",
	              alone->script->source.path); /* false below */
	return err_hint(err, "nothing was applied; for this start set migrations_transaction to "
	                     "file, which is a transaction for each of the others");
}

bool
group_proofread(const struct boot *boot, struct err *err)
{
	return migrations_proofread(boot->migrations, err) && refuse_alone(boot, err);
}

static void
sending_close(struct sending *sending)
{
	arena_drop(&sending->arena);
}

/* What was sent is no longer needed. */
static void
renew(struct sending *sending)
{
	arena_drop(&sending->arena);
	sending->parcel = parcel_new(&sending->arena);
}

static bool
flush(struct sending *sending, struct err *err)
{
	if (!parcel_send(sending->parcel, sending->boot, &sending->failed, err))
		return false;
	renew(sending);
	return true;
}

/* One that goes statement by statement. What was said for it goes in front of its first. */
static bool
send_by_itself(struct sending *sending, const struct script *script, const struct batch *batch,
               const struct envelope *around, struct err *err)
{
	struct arena *arena = &sending->arena;
	const char *said;

	if (!batch->count) {
		parcel_say(sending->parcel, around->before);
		parcel_say(sending->parcel, around->after);
		return true;
	}
	if (parcel_files(sending->parcel)) {
		/* The batch lives in the parcel's arena. */
		if (!parcel_send(sending->parcel, sending->boot, &sending->failed, err))
			return false;
		sending->parcel = parcel_new(arena);
	}
	progress_file(sending->boot, script->name);
	said = arena_join(arena, parcel_sql(sending->parcel), around->before, "");
	if (!send_batch(sending->boot, script, batch, said, NULL, arena, err))
		return false;
	sending->parcel = parcel_new(arena);
	parcel_say(sending->parcel, around->after);
	return true;
}

static struct envelope
envelope_for(struct sending *sending, const struct part *part, const struct batch *batch)
{
	struct arena *arena = &sending->arena;
	struct envelope around = { .before = "", .after = envelope_end_sql(batch, arena) };

	if (part->migration)
		around = envelope_of(sending->boot, part->migration, batch, sending->count > 1,
		                     arena);
	if (part->record)
		around.after =
			arena_join(arena, around.after, part->migration ? ";\n" : "", part->record);
	return around;
}

/*
 * The session is the next file's. The server reads strings as is set when a query comes, and where what is before this was
 * sent already, a file may have set that.
 */
static bool
clean_session(struct sending *sending, struct err *err)
{
	parcel_say(sending->parcel, transaction_own_sql(sending->boot, &sending->arena));
	return parcel_files(sending->parcel) || flush(sending, err);
}

static bool
add_part(struct sending *sending, size_t number, struct err *err)
{
	const struct part *part = &sending->parts[number];
	struct batch *batch =
		arena_alloc(&sending->arena, sizeof *batch); /* as long as the parcel */
	struct envelope around;

	sending->failed = number;
	if (!script_split(batch, part->script, config_script_variable, &sending->arena, err))
		return false;
	around = envelope_for(sending, part, batch);
	sending->statements += batch->count;
	if (!batch->whole)
		return send_by_itself(sending, part->script, batch, &around, err);
	parcel_add(sending->parcel, part->script, batch, around.before, around.after, number);
	return !parcel_is_full(sending->parcel) || flush(sending, err);
}

/* "0002_a.sql to after.sql"; NULL: one file. */
static const char *
names(const struct part *parts, size_t count, struct arena *arena)
{
	const struct script *first = parts->script, *last = parts[count - 1].script;

	return count > 1 ? arena_join(arena, first->name, " to ", last->name) : NULL;
}

static bool
send_all(struct sending *sending, size_t enough, size_t *done, struct err *err)
{
	size_t i = 0;

	renew(sending);
	sending->statements = 0;
	parcel_say(sending->parcel, transaction_begin_sql(sending->boot, &sending->arena));
	/* Never in front of a companion: it belongs to what is before it. */
	for (; i < sending->count; i++) {
		if (i > 0 && sending->statements >= enough && sending->parts[i].migration)
			break;
		if ((i > 0 && !clean_session(sending, err)) || !add_part(sending, i, err))
			return false;
	}
	parcel_commit(sending->parcel, names(sending->parts, i, &sending->arena));
	*done = i;
	return parcel_send(sending->parcel, sending->boot, &sending->failed, err);
}

bool
group_apply(struct boot *boot, const struct part *parts, size_t count, size_t enough, size_t *done,
            size_t *failed, struct err *err)
{
	SCOPED(sending_close)
	struct sending sending = { .boot = boot, .parts = parts, .count = count };
	struct patience patience = patience_new(boot->config);

	while (!send_all(&sending, enough, done, err)) {
		*failed = sending.failed;
		if (!patience_retries(&patience, boot->db, err))
			return false;
	}
	return true;
}
