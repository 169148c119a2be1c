/* Seeds: rows as data, inserted where their natural key is missing, never changed (DESIGN section 4). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct boot;
struct config;
struct db;
struct err;
struct question;
struct seeds;
struct text;

/*
 * Reads seeds/common and seeds/<environment>: .ini, .csv, .sql in name order over both. Everything that can
 * be wrong without a server is an error with file:line here. No seeds_dir: an empty list.
 */
bool seeds_read(struct seeds **seeds, const struct config *config, struct arena *arena,
                struct err *err);

/*
 * For the look: how many questions, and they: each SHAPE_VALUE, true when something of one file is
 * missing. Read only, works on a standby; fails on the server where a table or column does not exist yet.
 */
size_t seeds_question_count(const struct seeds *seeds);
void seeds_questions(const struct seeds *seeds, const struct config *config,
                     struct question *questions, struct arena *arena);

/* seed --diff: rows that exist but differ from their file; reads only. */
bool seed_diff(struct boot *boot, struct text *page, size_t *differing, struct err *err);

/* For plan: per file, how many rows are missing (or a script that has not run), as text lines or JSON array. Reads only. */
bool seed_plan(struct boot *boot, struct text *page, bool as_json, size_t *pending,
               struct err *err);
