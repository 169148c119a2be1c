/* See copied.h. */
#include "copied.h"

#include <stdbool.h>
#include <string.h>

/* What the server writes behind a backslash; any other character stands for itself. */
static char
unescaped(char c)
{
	static const char letters[] = "bfnrtv", meant[] = "\b\f\n\r\t\v";
	const char *letter = strchr(letters, c);

	return letter ? meant[letter - letters] : c;
}

static bool
is_end(char c)
{
	return c == '\t' || c == '\n' || c == '\0';
}

/* Takes the backslashes out of the value that starts here. Returns its end as it was, which may be its NUL now. */
static char *
take_value(char *at, char *end_was)
{
	char *to = at;

	while (!is_end(*at)) {
		if (*at == '\\' && !is_end(at[1]))
			*to++ = unescaped(*++at);
		else
			*to++ = *at;
		at++;
	}
	*end_was = *at;
	*to = '\0';
	return at;
}

size_t
copied_take(char *row, char **values, size_t most)
{
	size_t count = 0;
	char end;

	do {
		const bool is_null = row[0] == '\\' && row[1] == 'N' && is_end(row[2]);

		if (count < most)
			values[count] = is_null ? NULL : row;
		count++;
		row = take_value(row, &end) + 1;
	} while (end == '\t');
	return count;
}
