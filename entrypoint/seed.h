/* Seeds: rows as data, inserted where their natural key is missing, never changed. */
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
 * Reads the .ini, .csv and .sql files of seeds_dir/common and seeds_dir/<environment>, in the
 * order of the numbers in front, those of common before the others. Everything that
 * can be wrong without a server is FAULT_WRONG with file:line here; an unknown environment
 * without a folder is FAULT_CONFIG. What is not read draws a warning. No seeds_dir: no files.
 */
bool seeds_read(struct seeds **seeds, const struct config *config, struct arena *arena,
                struct err *err);

/*
 * For the look: how many questions, and they: each SHAPE_VALUE, true when something of one file
 * (of all scripts) is missing. Read only, works on a standby; fails on the server where a table
 * or column does not exist yet, or a value does not fit. Of a large sheet only the first row is asked for.
 */
size_t seeds_question_count(const struct seeds *seeds);
void seeds_questions(const struct seeds *seeds, const struct config *config,
                     struct question *questions, struct arena *arena);

/* The same of all rows of the large sheets, for where nothing was missing by that. */
size_t seeds_large_count(const struct seeds *seeds);
void seeds_large_questions(const struct seeds *seeds, struct question *questions,
                           struct arena *arena);

/* seed --diff: a line for each value that differs from its file in a row that exists. */
bool seed_diff(struct boot *boot, struct text *page, size_t *differing, struct err *err);

/*
 * For plan, where nothing else is due: are there the tables and columns that missing rows name? FAULT_WRONG. Reads only.
 */
bool seed_proofread(struct boot *boot, struct err *err);

/*
 * For plan: a line, or a JSON object with commas between, for each file of which rows are missing
 * and each script that has not run as it is. Reads only.
 */
bool seed_plan(struct boot *boot, struct text *page, bool as_json, size_t *pending,
               struct err *err);
