/* See lane.h. */
#include "lane.h"

#include <stdlib.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../err.h"
#include "batch.h"
#include "blame.h"
#include "crew.h"
#include "restoration.h"

/* A transaction of rows is ended after so much: it holds a lock on each table. */
#define MOST_COPIES 100
#define MOST_BYTES ((int64_t)256 << 20)

/* What it commits counts only with the last commit of all, which is waited for. */
const char *
crew_session_sql(struct db *db, struct arena *arena)
{
	const int version = db_server_version(db);

	return arena_print(
		arena,
		"%sset statement_timeout = 0; set lock_timeout = 0; set synchronous_commit = off;\n"
		"%s%sset idle_in_transaction_session_timeout = 0",
		session_keepalives_sql(db, "set", arena),
		version >= 140000 ? "set idle_session_timeout = 0;\n"
				    "set client_connection_check_interval = 1000;\n"
				  : "",
		version >= 170000 ? "set transaction_timeout = 0;\n" : "");
}

bool
lane_open(struct crew *crew, struct err *err)
{
	struct boot *boot = crew->boot;
	struct lane *lane = &crew->lanes[crew->count];
	enum outlook outlook;

	*lane = (struct lane){ .batch = batch_new(crew->label, crew->arena) };
	lane->db = db_open_beside(boot->db, boot->target, clock_ahead(boot->config->wait_timeout),
	                          &outlook, err);
	if (!lane->db)
		return false;
	db_watch(lane->db, boot->lock);
	crew->dbs[crew->count++] = lane->db;
	return db_run(lane->db, crew_session_sql(lane->db, crew->arena), err);
}

void
lane_close(struct lane *lane)
{
	free(lane->stretches);
	batch_close(&lane->batch);
	db_close(&lane->db);
}

bool
lane_is_free(const struct lane *lane)
{
	return !lane->haul && !lane->task_count && !db_is_at_work(lane->db);
}

static void
commit_full(struct lane *lane)
{
	if (!lane->in_transaction || (lane->copies < MOST_COPIES && lane->bytes < MOST_BYTES))
		return;
	batch_add_ours(lane->batch, "commit");
	lane->in_transaction = false;
}

void
lane_end_rows(struct lane *lane)
{
	lane->copies = MOST_COPIES;
}

/* A text that is sent is read whole, as the settings before it say. */
static bool
send(struct lane *lane, struct err *err)
{
	if (batch_length(lane->batch) && !db_run(lane->db, batch_sql(lane->batch), err))
		return false;
	batch_clear(lane->batch);
	return true;
}

/* One that has made settings which stand behind what is to come starts over. */
static bool
prepare_settings(struct crew *crew, struct lane *lane, size_t settings, struct err *err)
{
	if (lane->settings > settings) {
		batch_add_ours(lane->batch, "reset all");
		batch_add_ours(lane->batch, crew_session_sql(lane->db, crew->arena));
		lane->settings = 0;
		if (!send(lane, err))
			return false;
	}
	for (; lane->settings < settings; lane->settings++) {
		const struct setting *setting = &crew->settings[lane->settings];

		if (setting->is_alone && !send(lane, err))
			return false;
		batch_add_ours(lane->batch, setting->sql);
		if (setting->is_alone && !send(lane, err))
			return false;
	}
	return true;
}

bool
lane_prepare(struct crew *crew, struct lane *lane, size_t settings, struct err *err)
{
	batch_clear(lane->batch);
	lane->rows = 0;
	lane->stretch_count = 0;
	commit_full(lane);
	if (!lane->in_transaction) {
		batch_add_ours(lane->batch, "begin");
		batch_add_ours(lane->batch, crew->fence);
		lane->in_transaction = true;
		lane->copies = 0;
		lane->bytes = 0;
	}
	return prepare_settings(crew, lane, settings, err) || lane_blame(crew, lane, err);
}

bool
lane_start(struct lane *lane, struct err *err)
{
	return db_start(lane->db, batch_sql(lane->batch), err);
}

void
lane_note_line(struct lane *lane, size_t line)
{
	struct stretch *last;

	if (lane->stretch_count) {
		last = &lane->stretches[lane->stretch_count - 1];
		if (last->line + (size_t)(lane->rows - last->row) == line)
			return;
	}
	if (lane->stretch_count == lane->stretch_room) {
		const size_t room = lane->stretch_room ? lane->stretch_room * 2 : 64;
		struct stretch *larger = realloc(lane->stretches, room * sizeof *larger);

		/* Without it, a failure is told with a line that is too early. */
		if (!larger)
			return;
		lane->stretches = larger;
		lane->stretch_room = room;
	}
	lane->stretches[lane->stretch_count++] = (struct stretch){ lane->rows, line };
}

bool
lane_blame(const struct crew *crew, const struct lane *lane, struct err *err)
{
	const struct db_place place = db_place(lane->db);
	const size_t line = blame_line(lane->stretches, lane->stretch_count,
	                               lane->haul ? blame_row(place.context) : 0);

	if (err->fault >= FAULT_SIGNAL)
		return false;
	if (batch_failed_in_ours(lane->batch, &place))
		return restoration_blame(err);
	return line ? blame_at(err, crew->label, line, batch_toc(lane->batch))
	            : batch_blame(lane->batch, &place, err);
}
