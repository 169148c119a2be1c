/* Inside of crew.h: one of the sessions, and what it is at. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct boot;
struct crew;
struct db;
struct err;
struct fillings;
struct haul;
struct stretch;
struct task;

/* Of the dump. */
struct setting {
	const char *sql;
	bool is_alone; /* it changes how the text behind it is read */
};

struct lane {
	struct db *db;
	struct batch *batch; /* what was sent last */
	size_t settings;     /* of the dump, that it has made */
	bool in_transaction;
	bool is_beside; /* its tasks run beside rows */
	size_t copies;  /* in it */
	int64_t bytes;
	struct haul *haul; /* whose rows it takes; NULL: of none */
	int64_t rows;      /* of it, so far */
	struct stretch *stretches;
	size_t stretch_count, stretch_room; /* malloc'ed */
	struct task **tasks;                /* in the arena */
	size_t task_count;
};

struct crew {
	struct boot *boot;
	const char *label, *fence;
	struct fillings *fillings;
	struct arena *arena;
	struct lane *lanes;
	struct db **dbs; /* of the lanes, in their order */
	size_t count;
	struct setting *settings;
	size_t setting_count;
	bool is_careful;
	struct roster *roster; /* of what is at work, or may be beside rows; NULL: of nothing */
};

/* Ready for work, in the crew's next place. */
bool lane_open(struct crew *crew, struct err *err);
void lane_close(struct lane *lane);

/* It has nothing to do. */
bool lane_is_free(const struct lane *lane);

/*
 * Puts into its batch what comes first: a transaction, the fence, settings that it has not made; so many of the dump's. What changes
 * how the rest is read, as the encoding does, is made at once.
 */
bool lane_prepare(struct crew *crew, struct lane *lane, size_t settings, struct err *err);

/* Its rows so far are committed before what is prepared next. */
void lane_end_rows(struct lane *lane);

/* Sends the batch. */
bool lane_start(struct lane *lane, struct err *err);

/* The rows that are sent next stand from this line on. */
void lane_note_line(struct lane *lane, size_t line);

/* What it was at has failed: says where that stands. Returns false. */
bool lane_blame(const struct crew *crew, const struct lane *lane, struct err *err);
