/* The variables that libpq reads for its keywords. See db.h. */
#include <libpq-fe.h>
#include <string.h>

#include "../db.h"

const char *
db_variable_of(const char *keyword)
{
	PQconninfoOption *options = PQconndefaults();
	const char *variable = NULL;

	for (PQconninfoOption *option = options; option && option->keyword; option++)
		if (strcmp(option->keyword, keyword) == 0)
			variable = option->envvar; /* libpq's own constant */
	PQconninfoFree(options);
	return variable;
}
