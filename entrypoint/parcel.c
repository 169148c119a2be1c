/* See parcel.h. */
#include "parcel.h"

#include <string.h>

#include "arena.h"
#include "boot.h"
#include "bounds.h"
#include "db.h"
#include "err.h"
#include "progress.h"
#include "script.h"
#include "sending.h"

/* Bytes. A round trip of 1 ms is then shared by a hundred files of the usual size. */
#define ENOUGH ((size_t)65536)

struct piece {
	const struct script *script;
	const struct batch *batch;
	struct composed at; /* where in the whole it stands; without sql */
	size_t first;       /* statements in front of what was said before it */
	size_t number;
};

struct parcel {
	struct text sql;
	size_t characters, statements; /* in it */
	size_t begins, commits;        /* said by us */
	size_t committing;             /* statements in front of our COMMIT */
	const char *whose;             /* it commits what these files did; NULL: one file */
	size_t rollbacks;              /* ROLLBACK TO of the files */
	struct piece *pieces;
	size_t count;
};

struct parcel *
parcel_new(struct arena *arena)
{
	struct parcel *parcel = arena_alloc(arena, sizeof *parcel);

	parcel->sql = text_new(arena);
	return parcel;
}

void
parcel_say(struct parcel *parcel, const char *sql)
{
	const struct tally tally = bounds_tally(sql);

	if (!*sql)
		return;
	text_add(&parcel->sql, sql);
	text_add(&parcel->sql, ";\n");
	parcel->characters += send_characters(sql) + strlen(";\n");
	parcel->statements += tally.statements;
	parcel->begins += tally.begins;
	parcel->commits += tally.commits;
}

void
parcel_add(struct parcel *parcel, const struct script *script, const struct batch *batch,
           const char *before, const char *after, size_t number)
{
	struct piece piece = {
		.script = script, .batch = batch, .first = parcel->statements, .number = number
	};

	parcel_say(parcel, before);
	piece.at = (struct composed){ .before = parcel->characters,
		                      .body = send_characters(batch->whole),
		                      .statements = parcel->statements };
	text_add(&parcel->sql, batch->whole);
	text_add(&parcel->sql, "\n;"); /* it may end with a line comment */
	parcel->characters += piece.at.body + strlen("\n;");
	parcel->statements += batch->count;
	parcel->rollbacks += bounds_rollbacks(batch->statements, batch->count);
	parcel->pieces = arena_grow(parcel->sql.arena, parcel->pieces, parcel->count, sizeof piece);
	parcel->pieces[parcel->count++] = piece;
	parcel_say(parcel, after);
}

void
parcel_commit(struct parcel *parcel, const char *whose)
{
	parcel->committing = parcel->statements;
	parcel->whose = whose;
	parcel_say(parcel, "commit; reset all");
}

size_t
parcel_files(const struct parcel *parcel)
{
	return parcel->count;
}

bool
parcel_is_full(const struct parcel *parcel)
{
	return parcel->sql.length >= ENOUGH;
}

const char *
parcel_sql(const struct parcel *parcel)
{
	return parcel->sql.at;
}

/* The file that the server stopped at: by what was completed; where nothing was, the text cannot be read at that place. */
static const struct piece *
piece_at(const struct parcel *parcel, const struct db_place *at)
{
	const struct piece *found = NULL;

	for (size_t i = 0; i < parcel->count; i++) {
		const struct piece *piece = &parcel->pieces[i];

		if (i == 0 || (at->completed ? piece->first <= at->completed
		                             : piece->at.before < at->position))
			found = piece;
	}
	return found;
}

static bool
blame(const struct parcel *parcel, const struct piece *piece, const struct db_place *at,
      struct err *err)
{
	/* A deferred constraint: of which of them is not said. */
	if (parcel->whose && *err->sqlstate && at->completed == parcel->committing)
		return err_within(err, "%s, at the end of their transaction", parcel->whose);
	/* One of many: that the session broke is the fault of none of them. */
	if (!piece || (!*err->sqlstate && parcel->count > 1))
		return false;
	return send_blame(&piece->at, piece->script, piece->batch, at, err);
}

/* Whose work it is is said as long as it runs, where it takes long. */
static void
announce(const struct parcel *parcel, struct boot *boot)
{
	const struct piece *first = parcel->pieces, *last;

	if (!parcel->count)
		return;
	last = first + parcel->count - 1;
	progress_file(boot, first == last ? first->script->name
	                                  : arena_print(parcel->sql.arena, "%s to %s",
	                                                first->script->name, last->script->name));
	if (first == last)
		progress_statement(boot, first->batch, first->batch->count);
}

static bool
run(const struct parcel *parcel, struct boot *boot, const struct db_meanwhile *meanwhile,
    struct err *err)
{
	bool was_sent;

	announce(parcel, boot);
	was_sent = db_run_meanwhile(boot->db, parcel->sql.at, meanwhile, err);
	progress_file(boot, NULL);
	return was_sent;
}

bool
parcel_send(const struct parcel *parcel, struct boot *boot, const struct db_meanwhile *meanwhile,
            size_t *number, struct err *err)
{
	const struct bounds bounds = {
		.is_open = !parcel->commits && (parcel->begins || db_in_transaction(boot->db)),
		.commits = parcel->commits,
		.rollbacks = parcel->rollbacks,
	};
	const bool was_sent = run(parcel, boot, meanwhile, err);
	const struct db_place at = db_place(boot->db);
	const struct piece *piece = piece_at(parcel, &at);

	if (!bounds_hold(&bounds, boot->db, !was_sent, err))
		return piece ? err_within(err, "%s", piece->script->source.path) : false;
	if (was_sent)
		return true;
	if (piece)
		*number = piece->number;
	return blame(parcel, piece, &at, err);
}
