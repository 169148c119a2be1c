/* Checks: .sql files whose rows are violations, run in a read-only transaction. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct answer;
struct arena;
struct boot;
struct checks;
struct config;
struct err;
struct question;

/* In the log, of checks that all hold; true. */
bool checks_tell(const struct checks *checks);

/* Reads checks_dir; each file is split into its statements. No folder: none. */
bool checks_read(struct checks **checks, const struct config *config, struct arena *arena,
                 struct err *err);

/* For the look, where they ride along: every statement of every file, SHAPE_ROWS. */
size_t checks_question_count(const struct checks *checks);
void checks_questions(const struct checks *checks, struct question *questions);

/* Judges the answer to the i-th question: a row is a violation, FAULT_WRONG with the file and the first rows. */
bool checks_judge(const struct checks *checks, size_t i, const struct answer *answer,
                  struct err *err);

/* The same for the failure of the i-th: file:line:column in front. Returns false. */
bool checks_blame(const struct checks *checks, size_t i, const struct boot *boot, struct err *err);

/* Asks them all, in a transaction that cannot write. */
bool checks_run(struct boot *boot, struct err *err);
