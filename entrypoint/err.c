/* See err.h. */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct fault_row fault_rows[] = {
	{ FAULT_NONE, "done, or nothing to do; a program that was started passes on its own code" },
	{ FAULT_UNHEALTHY, "health: something is not well" },
	{ FAULT_PENDING, "plan, migrate verify: something is pending" },
	{ FAULT_DRIFT, "plan, migrate verify: drift" },
	{ FAULT_USAGE, "wrong usage" },
	{ FAULT_WRONG,
	  "a migration, seed, check or backup is wrong, or the database is in a state that must not "
	  "be touched" },
	{ FAULT_NO_SOURCE, "a source is missing" },
	{ FAULT_NO_SERVER, "the server was not reachable in time, or the connection broke" },
	{ FAULT_BUG, "a bug in pg-entrypoint" },
	{ FAULT_SYSTEM, "the system refused something: memory, processes" },
	{ FAULT_CANNOT_WRITE, "something cannot be written" },
	{ FAULT_BUSY, "a lock (or, with expect_schema, the schema) was not had in time" },
	{ FAULT_LOGIN, "authentication failed" },
	{ FAULT_CONFIG, "a setting is wrong, or a privilege is missing" },
	{ FAULT_CANNOT_RUN, "the program cannot be run" },
	{ FAULT_NOT_FOUND, "the program does not exist" },
	{ FAULT_SIGNAL, "128 + n: ended by signal n" },
	{ FAULT_NONE, NULL },
};

/* What does not fit is cut. */
static void
append(char *to, size_t size, const char *piece)
{
	const size_t length = strlen(to), more = strnlen(piece, size - 1 - length);

	memcpy(to + length, piece, more);
	to[length + more] = '\0';
}

static void
record(struct err *err, int fault, const char *format, va_list args)
{
	err_clear(err);
	err->fault = fault;
	(void)vsnprintf(err->what, sizeof err->what, format, args);
}

void
err_set_(struct err *err, int fault, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record(err, fault, format, args);
	va_end(args);
}

void
err_errno_(struct err *err, int fault, const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list args;

	va_start(args, format);
	record(err, fault, format, args);
	va_end(args);
	append(err->what, sizeof err->what, ": ");
	append(err->what, sizeof err->what, reason);
}

void
err_within_(struct err *err, const char *format, ...)
{
	char outer[sizeof err->what];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(outer, sizeof outer, format, args);
	va_end(args);
	append(outer, sizeof outer, ": ");
	append(outer, sizeof outer, err->what);
	memcpy(err->what, outer, sizeof outer);
}

void
err_at_(struct err *err, const char *file, size_t line, size_t column)
{
	const size_t length = strlen(file), room = sizeof err->file - 1;

	err->file[0] = '\0';
	append(err->file, sizeof err->file, length > room ? file + length - room : file);
	err->line = line;
	err->column = column;
	if (column)
		err_within_(err, "%s:%zu:%zu", file, line, column);
	else
		err_within_(err, "%s:%zu", file, line);
}

void
err_hint_(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(err->hint, sizeof err->hint, format, args);
	va_end(args);
}

void
err_detail_(struct err *err, const char *format, ...)
{
	size_t length = strlen(err->detail);
	va_list args;

	if (length && length + 1 < sizeof err->detail)
		err->detail[length++] = '\n';
	va_start(args, format);
	(void)vsnprintf(err->detail + length, sizeof err->detail - length, format, args);
	va_end(args);
}

bool
err_is_absence(const struct err *err)
{
	return strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0;
}

void
err_clear(struct err *err)
{
	err->fault = FAULT_NONE;
	err->what[0] = err->detail[0] = err->hint[0] = err->sqlstate[0] = err->file[0] = '\0';
	err->line = err->column = 0;
}
