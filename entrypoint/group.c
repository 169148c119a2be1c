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
#include "ledger.h"
#include "migration.h"
#include "parcel.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"

/* Files. To prepare what is said for each of them costs a round trip. */
#define WORTH_PREPARING ((size_t)10)
/* Files, after which the server plans them anew: what was best for a ledger of one page reads all of it for each row. */
#define PLANS_LAST ((size_t)256)

/* A transaction that is being sent, a parcel at a time. */
struct sending {
	struct boot *boot;
	const struct part *parts;
	size_t count;
	struct transaction transaction;
	struct arena arena; /* of the parcel, and of what is in it */
	struct parcel *parcel;
	size_t statements;
	size_t failed;
};

/* The transaction that is sent, and the one behind it, which is written meanwhile. */
struct group {
	struct boot *boot;
	struct sending *now, *ahead; /* without parts: it is not written */
	const struct part *next;     /* may follow by itself; NULL: not known */
	bool is_prepared;            /* the session has ledger_prepare_sql */
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
	/* Of a full disk too: a file alone takes less of it. */
	return grouping == GROUPING_RUNS && (fault == FAULT_WRONG || fault == FAULT_CANNOT_WRITE) &&
	     *sqlstate;
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
	if (!parcel_send(sending->parcel, sending->boot, NULL, &sending->failed, err))
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
		if (!parcel_send(sending->parcel, sending->boot, NULL, &sending->failed, err))
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
		around = envelope_of(sending->boot, part->migration, batch, &sending->transaction,
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
	if (sending->transaction.is_prepared && part->migration &&
	    part->migration->rank % PLANS_LAST == 0)
		parcel_say(sending->parcel, "discard plans");
	if (!script_split(batch, part->script, config_script_variable, &sending->arena, err))
		return false;
	around = envelope_for(sending, part, batch);
	sending->statements += batch->count;
	if (!batch->whole)
		return send_by_itself(sending, part->script, batch, &around, err);
	parcel_add(sending->parcel, part->script, batch, around.before, around.after, number);
	/* Nothing can be sent while the server works; what is one file waits for its COMMIT. */
	return sending->count == 1 || !parcel_is_full(sending->parcel) || flush(sending, err);
}

/* "0002_a.sql to after.sql"; NULL: one file. */
static const char *
names(const struct part *parts, size_t count, struct arena *arena)
{
	const struct script *first = parts->script, *last = parts[count - 1].script;

	return count > 1 ? arena_join(arena, first->name, " to ", last->name) : NULL;
}

/* As far as it goes: *done is how many. The last parcel is left to be sent. */
static bool
send_parts(struct sending *sending, size_t enough, size_t *done, struct err *err)
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
	return true;
}

static void
sending_begin(struct sending *sending, const struct group *group, const struct part *parts,
              size_t count)
{
	sending_close(sending);
	*sending = (struct sending){
		.boot = group->boot,
		.parts = parts,
		.count = count,
		.transaction = { .is_shared = count > 1, .is_prepared = group->is_prepared },
	};
}

/* What follows by itself is written while the server works, where it was read before and can be sent whole. A db_meanwhile. */
static bool
write_ahead(void *told, struct err *err)
{
	struct group *group = told;
	const struct batch *batch = group->next ? group->next->script->batch : NULL;
	size_t done;

	if (!batch || !batch->whole || group->ahead->parts == group->next)
		return true;
	sending_begin(group->ahead, group, group->next, 1);
	return send_parts(group->ahead, SIZE_MAX, &done, err);
}

/* Was it written ahead? */
static bool
is_written(struct group *group, const struct span *span)
{
	struct sending *written = group->ahead;

	if (span->count != 1 || written->parts != span->parts)
		return false;
	group->ahead = group->now;
	group->ahead->parts = NULL;
	group->now = written;
	return true;
}

static bool
send_all(struct group *group, const struct span *span, size_t *done, struct err *err)
{
	const struct db_meanwhile meanwhile = { write_ahead, group };

	*done = 1;
	if (!is_written(group, span)) {
		sending_begin(group->now, group, span->parts, span->count);
		if (!send_parts(group->now, span->enough, done, err))
			return false;
	}
	return parcel_send(group->now->parcel, group->boot, &meanwhile, &group->now->failed, err);
}

struct group *
group_new(struct boot *boot, struct arena *arena)
{
	struct group *group = arena_alloc(arena, sizeof *group);

	group->boot = boot;
	group->now = arena_alloc(arena, sizeof *group->now);
	group->ahead = arena_alloc(arena, sizeof *group->ahead);
	return group;
}

void
group_drop(struct group **group)
{
	sending_close((*group)->now);
	sending_close((*group)->ahead);
}

bool
group_prepare(struct group *group, size_t count, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct boot *boot = group->boot;

	if (count < WORTH_PREPARING || db_is_pooled(boot->db))
		return true;
	group->is_prepared =
		db_run(boot->db,
	               arena_join(&arena, SESSION_RESET,
	                          ledger_prepare_sql(boot->db, boot->config, &arena), ""),
	               err);
	return group->is_prepared;
}

/* A file has deallocated what is ours: then without it. */
static bool
goes_unprepared(struct group *group, struct err *err)
{
	if (!group->is_prepared || strcmp(err->sqlstate, "26000") != 0 ||
	    !strstr(err->what, LEDGER_PREPARED))
		return false;
	group->is_prepared = false;
	group->ahead->parts = NULL;
	transaction_abandon(group->boot->db);
	err_clear(err);
	return true;
}

bool
group_apply(struct group *group, const struct span *span, size_t *done, size_t *failed,
            struct err *err)
{
	struct patience patience = patience_new(group->boot->config);

	group->next = span->next;
	do {
		if (send_all(group, span, done, err))
			return true;
		*failed = group->now->failed;
	} while (goes_unprepared(group, err) || patience_retries(&patience, group->boot->db, err));
	return false;
}
