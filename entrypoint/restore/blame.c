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
