/*
 * The look: after the login one round trip reads all that decides whether anything is to do. It takes
 * no lock and writes nothing, so it works on a standby and for a role that may only read.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;

/* Reads the files of migrations, seeds and checks, as far as the steps are wanted, unless it was done. */
bool look_read_files(struct boot *boot, struct err *err);

/* Asks the server and fills boot->facts and the verdicts. */
bool look_ask(struct boot *boot, struct err *err);

/*
 * The same, again and again until the end of wait_timeout while the session breaks: a pooler logs in by itself, so that the
 * server behind it answers is seen only here.
 */
bool look_patiently(struct boot *boot, struct err *err);

/* Frees what boot keeps of the last look. */
void look_forget(struct boot *boot);

/* What the server says of itself: the last of boot->facts, and its backend's pid. */
bool look_at_server(struct boot *boot, struct err *err);

/* The same, unless the last look has it. */
bool look_know_server(struct boot *boot, struct err *err);

/* look_at_server as often as look_patiently. */
bool look_await_answer(struct boot *boot, struct err *err);

/*
 * Over a socket, a server with empty listen_addresses may be the temporary one of the official image:
 * waits until it has stood for 3 s, with the same postmaster.
 */
bool look_await_settled(struct boot *boot, struct err *err);

/* expect_schema: is there something that another container is still to apply? */
bool look_awaits_schema(const struct boot *boot);

/*
 * Has the database never seen a migration, and holds no relation but those of our own initdb.d? Asks the server only where the ledger leaves it open.
 */
bool look_is_new(struct boot *boot, bool *is_new, struct err *err);

/* As empty_find (empty.h), of the work session. */
bool look_for_relation(struct boot *boot, const char **relation, struct arena *arena,
                       struct err *err);

/* Within the look (look/ask.c): is emptiness one of its questions? Else asks where it matters and the ledger leaves it open. */
bool look_asks_emptiness(const struct boot *boot);
bool look_at_emptiness(struct boot *boot, struct err *err);

/* Sets boot->facts.loads_snapshot, and what is pending by it. */
bool look_at_snapshot(struct boot *boot, struct err *err);

/* Was a command cut off that had to do with the whole database, and is it not that one again? FAULT_WRONG then. */
bool look_refuse_partial(const struct boot *boot, struct err *err);

/* Is it empty, and should not be? FAULT_WRONG, and boot->facts.is_refused_void. */
bool look_refuse_void(struct boot *boot, struct err *err);

/* Is what was seen a state to go on from? FAULT_WRONG with the remedies if not. */
bool look_judge(struct boot *boot, struct err *err);

/* The same without the policies for edited, missing and late files, which `plan` has words of its own for. */
bool look_judge_state(struct boot *boot, struct err *err);

/* Is this a matter of this boot at all? */
bool
restore_is_set(const struct boot
                       *boot); /* a start of some container is to restore into an empty database */
bool restore_is_wanted(const struct boot *boot);
bool initdb_is_wanted(const struct boot *boot);

/* By the last look: does this step have something to do? (look/due.c) */
bool wait_is_due(const struct boot *boot);
bool look_is_due(const struct boot *boot);
bool restore_is_due(const struct boot *boot);
bool
restore_is_awaited(const struct boot *boot); /* with expect_schema: another container is to do it */
bool initdb_is_due(const struct boot *boot);
bool migrate_is_due(const struct boot *boot);
bool seed_is_due(const struct boot *boot);
bool check_is_due(const struct boot *boot);

/* Has an earlier run, which was cut off or failed, left after.sql to this one? */
bool after_is_due(const struct boot *boot);

/* A run was cut off between its last change and the note of it. Nothing that a start has to wait for. */
bool note_is_due(const struct boot *boot);

/* Is another container at a restore or a reset that is not this start's to end, or was it cut off? */
bool look_is_at_work(const struct boot *boot);

/* Where the start has something to do, and the database is full, the step says that. */
bool refill_is_due(const struct boot *boot);

/* Migrations, or only what a run that was cut off has not noted. */
bool change_is_due(const struct boot *boot);

/* Anything that needs the lock: restore, initdb, migrate, seed. */
bool boot_is_due(const struct boot *boot);

/* The same, or something that only who has the lock can tell, or may note. */
bool lock_is_due(const struct boot *boot);

/* Says so where no migrations, seeds or checks were found: a folder that an image lacks would pass for one with nothing to do. */
void look_tell_nothing(const struct boot *boot);
