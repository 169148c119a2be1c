/* See haul.h, and crew_copy. */
#include "headway.h"

#include "filled.h"
#include "haul.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../boot.h"
#include "../db.h"
#include "../err.h"
#include "batch.h"
#include "copy.h"
#include "crew.h"
#include "gathering.h"
#include "item.h"
#include "labour.h"
#include "lane.h"
#include "policy.h"

/* One session takes so much of a table before a second one helps; then the rows are no longer in the order of the dump. */
#define ALONE ((int64_t)4 << 20)
/* Before 16 a table grows by a few pages at a time, under one lock: more sessions would wait for each other. */
#define FEW 2

struct haul {
	const char *sql, *toc, *table;
	size_t length, line;
	bool is_text; /* a line is a row */
	int64_t rows; /* of the dump, once it has ended */
	int64_t bytes, counted;
	size_t lanes; /* at it */
	bool has_ended;
	struct lane *holder; /* of a line that is not whole yet; NULL: there is none */
};

static struct haul *
begin(const struct item *item, const struct ruling *ruling, struct arena *arena)
{
	struct haul *haul = arena_alloc(arena, sizeof *haul);
	struct item sent = *item;
	struct text table = text_new(arena);

	sent.sql = ruling->sql;
	sent.length = ruling->sql == item->sql ? item->length : strlen(ruling->sql);
	*haul = (struct haul){ .sql = arena_copy_n(arena, sent.sql, sent.length),
		               .length = sent.length,
		               .toc = arena_copy(arena, item->toc),
		               .line = item->line };
	haul->is_text = copy_is_text(&sent, &table);
	haul->table = table.at;
	return haul;
}

/* One more session for it. */
static bool
hire(struct crew *crew, struct haul *haul, struct lane *lane, struct err *err)
{
	if (!lane_prepare(crew, lane, crew->setting_count, err))
		return false;
	batch_add(lane->batch, haul->sql, haul->length, haul->line, haul->toc);
	lane->haul = haul;
	lane->copies++;
	haul->lanes++;
	return lane_start(lane, err);
}

static bool
may_hire(const struct crew *crew, const struct haul *haul)
{
	const size_t most = db_server_version(crew->boot->db) < 160000 ? FEW : crew->count;

	return haul->lanes == 0 ||
	       (haul->is_text && !crew->is_careful && haul->bytes >= ALONE && haul->lanes < most);
}

/* One that takes data now; NULL: there is none at the moment. */
static struct lane *
find_ready(const struct crew *crew, const struct haul *haul)
{
	for (size_t i = 0; i < crew->count; i++) {
		struct lane *lane = &crew->lanes[i];

		if (lane->haul == haul && (!haul->holder || haul->holder == lane) &&
		    db_takes_data(lane->db) && db_has_room(lane->db))
			return lane;
	}
	return NULL;
}

static struct lane *
find_free(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (lane_is_free(&crew->lanes[i]))
			return &crew->lanes[i];
	return NULL;
}

static bool
find_lane(struct crew *crew, struct haul *haul, struct lane **lane, struct err *err)
{
	for (;;) {
		struct lane *helper;

		/* What is behind rows comes before more sessions for these. */
		if (haul->lanes && !labour_employ(crew, err))
			return false;
		*lane = find_ready(crew, haul);
		if (*lane)
			return true;
		helper = may_hire(crew, haul) ? find_free(crew) : NULL;
		if (!(helper ? hire(crew, haul, helper, err) : crew_await(crew, err)))
			return false;
	}
}

static bool
give(struct crew *crew, struct lane *lane, const char *bytes, size_t length, int64_t rows,
     struct err *err)
{
	struct haul *haul = lane->haul;

	haul->holder = bytes[length - 1] == '\n' ? NULL : lane;
	haul->bytes += (int64_t)length;
	lane->bytes += (int64_t)length;
	lane->rows += rows;
	fillings_sent(crew->fillings, haul->table, rows);
	return db_give(lane->db, bytes, length, err);
}

static bool
check_rows(const struct crew *crew, const struct haul *haul, struct err *err)
{
	if (!haul->is_text || haul->counted == haul->rows)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s: %lld rows were sent, the server counts %lld",
	              haul->table, (long long)haul->rows, (long long)haul->counted);
	return err_at(err, crew->label, haul->line, 0);
}

bool
haul_end(struct crew *crew, struct lane *lane, struct err *err)
{
	struct haul *haul = lane->haul;
	struct filled *filled;

	lane->haul = NULL;
	haul->counted += db_copied(lane->db);
	if (--haul->lanes || !haul->has_ended)
		return true;
	filled = fillings_note(crew->fillings, haul->table);
	filled->rows += haul->counted;
	filled->bytes += haul->bytes;
	return check_rows(crew, haul, err);
}

/* No more rows. Whoever is only about to take some has to be awaited. */
static bool
end(struct crew *crew, struct haul *haul, int64_t rows, struct err *err)
{
	haul->has_ended = true;
	haul->rows = rows;
	for (size_t i = 0; i < crew->count; i++) {
		struct lane *lane = &crew->lanes[i];

		while (lane->haul == haul && !db_takes_data(lane->db))
			if (!crew_await(crew, err))
				return false;
		if (lane->haul == haul && !db_give_end(lane->db, err))
			return false;
	}
	return true;
}

bool
crew_copy(struct crew *crew, struct items *items, const struct item *item,
          const struct ruling *ruling, struct err *err)
{
	struct haul *haul = begin(item, ruling, crew->arena);
	struct lane *lane;
	const char *bytes;
	size_t length, line;
	int64_t before = 0;

	/* The server is to see the COPY of an empty table too: it may be wrong. */
	if (!find_lane(crew, haul, &lane, err))
		return false;
	for (;;) {
		if (!items_data(items, &bytes, &length, &line, err))
			return false;
		if (!length)
			return end(crew, haul, items_rows(items), err);
		if (!find_lane(crew, haul, &lane, err))
			return false;
		if (!haul->holder)
			lane_note_line(lane, line);
		if (!give(crew, lane, bytes, length, items_rows(items) - before, err))
			return false;
		before = items_rows(items);
	}
}

bool
crew_send(struct crew *crew, const struct gathered *gathered, struct err *err)
{
	struct haul *haul = arena_alloc(crew->arena, sizeof *haul);
	struct lane *lane;

	*haul = (struct haul){ .sql = arena_copy(crew->arena, gathered->sql),
		               .length = strlen(gathered->sql),
		               .toc = arena_copy(crew->arena, gathered->toc),
		               .table = arena_copy(crew->arena, gathered->table),
		               .line = *gathered->lines,
		               .is_text = true };
	if (!find_lane(crew, haul, &lane, err))
		return false;
	for (size_t i = 0; i < gathered->count; i++) {
		lane->rows = (int64_t)i;
		lane_note_line(lane, gathered->lines[i]);
	}
	return give(crew, lane, gathered->bytes, gathered->length, (int64_t)gathered->count, err) &&
	       end(crew, haul, (int64_t)gathered->count, err);
}
