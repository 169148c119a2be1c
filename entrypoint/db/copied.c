/* See copied.h. */
#include "copied.h"

#include <string.h>

/* What the server writes behind a backslash; any other character stands for itself. */
static char
unescaped(char c)
{
	static const char letters[] = "bfnrtv", meant[] = "\b\f\n\r\t\v";
	const char *letter = strchr(letters, c);

	return c && letter ? meant[letter - letters] : c;
}

/* Takes the backslashes out of a value that ends before `end`. */
static struct copied
value_of(char *at, const char *end)
{
	struct copied value = { .at = at };
	const char *from = memchr(at, '\\', (size_t)(end - at));

	if (!from) {
		value.length = (size_t)(end - at);
		return value;
	}
	if (end - at == 2 && at[1] == 'N')
		return (struct copied){ 0 };
	value.length = (size_t)(from - at);
	while (from < end) {
		if (*from == '\\' && from + 1 < end) {
			at[value.length++] = unescaped(from[1]);
			from += 2;
		} else {
			at[value.length++] = *from++;
		}
	}
	return value;
}

size_t
copied_take(char *row, size_t length, struct copied *values, size_t most)
{
	char *const end = row + length - (length && row[length - 1] == '\n');
	size_t count = 0;

	for (;;) {
		char *tab = memchr(row, '\t', (size_t)(end - row));

		if (count < most)
			values[count] = value_of(row, tab ? tab : end);
		count++;
		if (!tab)
			return count;
		row = tab + 1;
	}
}
