/*
 * Several sessions that load a dump together: the rows of its tables, also those of one table, and then what is done with tables that
 * are full. Each of their transactions begins with a fence, which fails when another run has taken the restore over. What they are to
 * see has to be committed before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct crew;
struct db;
struct err;
struct fillings;
struct gathered;
struct item;
struct items;
struct lane;
struct roster;
struct ruling;
struct task;

/* How it is made. Kept, with all that it points to. */
struct crew_plan {
	const char *label; /* what to call the dump */
	const char *fence; /* SQL */
	struct fillings *fillings;
	size_t most; /* sessions; fewer where the server has no room for them */
};

/* SQL for any session that loads: nothing but its own end is to end it. */
const char *crew_session_sql(struct db *db, struct arena *arena);

/* Owner: crew_close, after failure too. It ends what is still at work. */
bool crew_open(struct crew **crew, struct boot *boot, const struct crew_plan *plan,
               struct arena *arena, struct err *err);
void crew_close(struct crew **crew);

/* A setting of the dump, which holds for all that comes behind it. */
void crew_set(struct crew *crew, const struct ruling *ruling);
size_t crew_settings(const struct crew *crew);

/* Rows that come may be checked, or start something: those of one table go through one session, in their order. */
void crew_take_care(struct crew *crew, bool is_careful);

/* What may be begun while rows come, on sessions that have none of them: all rows of its tables are there. */
void crew_offer(struct crew *crew, struct roster *roster);

/* COPY with its data; what is not done when it returns is done by crew_settle. The data are counted on both sides. */
bool crew_copy(struct crew *crew, struct items *items, const struct item *item,
               const struct ruling *ruling, struct err *err);

/* Likewise, of rows that are all there. */
bool crew_send(struct crew *crew, const struct gathered *gathered, struct err *err);

/* Until all rows are there, and committed. */
bool crew_settle(struct crew *crew, struct err *err);

/* All of it. What is the dump's fails with its place in it; a deadlock is tried again. */
bool crew_work(struct crew *crew, struct roster *roster, struct err *err);

/* For the files of the crew: until something has happened; what has happened by now. */
bool crew_await(struct crew *crew, struct err *err);
bool crew_look(struct crew *crew, struct err *err);
