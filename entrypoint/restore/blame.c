/* See blame.h. */
#include "blame.h"

#include <stdlib.h>
#include <string.h>

#include "../err.h"

size_t
blame_row(const char *context)
{
	/* In the server's language: "COPY t, Zeile 7". */
	const char *comma =
		context && strncmp(context, "COPY ", 5) == 0 ? strchr(context, ',') : NULL;

	if (!comma)
		return 0;
	return strtoul(comma + strcspn(comma, "0123456789\n"), NULL, 10);
}

bool
blame_at(struct err *err, const char *label, size_t line, const char *toc)
{
	if (err->fault >= FAULT_SIGNAL || !*err->sqlstate)
		return false;
	if (*toc)
		(void)err_detail(err, "restoring %s", toc);
	return err_at(err, label, line, 0);
}

size_t
blame_line(const struct stretch *stretches, size_t count, size_t row)
{
	const int64_t wanted = (int64_t)row - 1;
	size_t i = count;

	while (i > 0 && stretches[i - 1].row > wanted)
		i--;
	return row && i ? stretches[i - 1].line + (size_t)(wanted - stretches[i - 1].row) : 0;
}
