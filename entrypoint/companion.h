/*
 * What lies beside the migrations: schema.sql, a snapshot that stands for all of them up to a version;
 * before.sql and after.sql, which run around all that is pending.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct folder;
struct migrations;
struct script;

/* Is it the name of one of them? */
bool companion_is(const char *file);

/* Reads one of them into migrations. What is not in its place there is FAULT_WRONG with file:line. */
bool companion_read(struct migrations *migrations, const struct folder *folder, const char *file,
                    const char *path, struct arena *arena, struct err *err);

/* Splits it (NULL: nothing), as migrations_proofread does. What cannot run in a transaction is refused too. */
bool companion_proofread(const struct script *script, struct err *err);

/* A migration is no snapshot, and only a repeatable of our own comes after others: FAULT_WRONG with file:line. */
bool companion_refuse_marks(const struct script *script, bool is_repeatable, struct err *err);

/* Of several files of one date it would not be said which of them the snapshot has: FAULT_WRONG. Pure. */
bool companion_judge_snapshot(const struct migrations *migrations, struct err *err);
