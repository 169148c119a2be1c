/*
 * The one place that prints: stderr, one line = one write, control characters replaced, secrets
 * blanked. Text for people, JSON on demand (`log = json`).
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

/* What may be printed from now on, and how. */
void log_open(enum log_level most, bool as_json);

/* From now on a line is lost whose reader has not made room within a tenth of a second: others depend on us. */
void log_hurry(void);

/* The step that lines belong to from now on; NULL: none. The text is kept, not copied. Returns the one before. */
const char *log_step(const char *name);

/* Blanks this text, which is copied, in everything that is printed from now on. */
void log_secret(const char *secret);

/* The text with secrets blanked, for what is cut before it is printed. */
const char *log_redacted(const char *text, struct arena *arena);

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Of a page, one for each of its lines. */
void log_lines(const char *page);
/* An info line; as JSON it has these members too, each with a comma before it. */
void log_event(const char *words, const char *members);

/* Lines go to a terminal, for people? Then a last line may stand there that is replaced by the next; NULL: it goes. */
bool log_has_bar(void);
void log_bar(const char *words);

/* What is not right and does not end us, with detail and hint. */
void log_warning(const struct err *err);

/* The failure that ends us, with detail and hint. */
void log_fault(const struct err *err);

/* Writes to standard output what a command was asked for, secrets blanked, all of it or FAULT_CANNOT_WRITE. */
bool log_answer(const char *text, struct err *err);
