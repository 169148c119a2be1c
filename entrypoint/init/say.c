/* See say.h. */
#include "say.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../scoped.h"

static void
say(int descriptor, const char *format, va_list args)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *text = arena_vprint(&arena, format, args);

	(void)!write(descriptor, text, strlen(text)); /* nobody else to tell */
}

void
say_out(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(STDOUT_FILENO, format, args);
	va_end(args);
}

void
say_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(STDERR_FILENO, format, args);
	va_end(args);
}
