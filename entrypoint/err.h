/*
 * What went wrong, told once, in main. Record it where it happens (err_set), add where you were on
 * the way up (err_within); the fault is the exit code. Lives on main's stack and owns no memory, so
 * that even the lack of memory can be told.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The exit codes, after sysexits.h. 128 + n: ended by signal n. */
enum fault {
	FAULT_NONE = 0,
	FAULT_UNHEALTHY = 1,
	FAULT_PENDING = 2,
	FAULT_DRIFT = 3,
	FAULT_USAGE = 64,
	FAULT_WRONG = 65,
	FAULT_NO_SOURCE = 66,
	FAULT_NO_SERVER = 69,
	FAULT_BUG = 70,
	FAULT_SYSTEM = 71,
	FAULT_CANNOT_WRITE = 73,
	FAULT_BUSY = 75,
	FAULT_LOGIN = 77,
	FAULT_CONFIG = 78,
	FAULT_CANNOT_RUN = 126,
	FAULT_NOT_FOUND = 127,
	FAULT_SIGNAL = 128,
};

struct fault_row {
	enum fault fault;
	const char *help;
};

/* Every exit code with its meaning, for `help`; ends with a NULL help. */
extern const struct fault_row fault_rows[];

struct err {
	int fault;           /* the exit code; 0: nothing happened */
	char what[2048];     /* one line */
	char detail[4096];   /* further lines: the source line with its caret, DETAIL, CONTEXT */
	char hint[1024];     /* what to do about it */
	char sqlstate[6];    /* of the server's error, else empty */
	char file[256];      /* where it stands, if in a file; what is too long loses its front */
	size_t line, column; /* 1-based; 0: not known */
};

/* Records; err_errno with strerror(errno) behind it. */
void err_set_(struct err *err, int fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void err_errno_(struct err *err, int fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "WHERE: " in front of what is recorded. */
void err_within_(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Records the place in a file and puts "FILE:LINE:COLUMN: " in front; column 0: only "FILE:LINE: ". */
void err_at_(struct err *err, const char *file, size_t line, size_t column);

/* Advice for the reader; the last one stands. */
void err_hint_(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a line to the detail. */
void err_detail_(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * All are false, so that a failure can be returned in the line that records it. Macros, because the
 * compiler has to know that: what is set on success only is not used after a failure.
 */
#define err_set(...) (err_set_(__VA_ARGS__), false)
#define err_errno(...) (err_errno_(__VA_ARGS__), false)
#define err_within(...) (err_within_(__VA_ARGS__), false)
#define err_at(...) (err_at_(__VA_ARGS__), false)
#define err_hint(...) (err_hint_(__VA_ARGS__), false)
#define err_detail(...) (err_detail_(__VA_ARGS__), false)

/* Did the server say that a table is not there, or its schema (42P01, 3F000)? */
bool err_is_absence(const struct err *err);

/* Forgets what was recorded, for a failure that was dealt with. */
void err_clear(struct err *err);
