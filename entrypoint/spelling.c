/* See spelling.h. */
#include "spelling.h"

#include <string.h>

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
spelling_distance(const char *from, const char *to)
{
	size_t rows[3][SPELLING_LONGEST + 1]; /* this one, the one before, the one before that */
	const size_t width = strlen(to);

	for (size_t column = 0; column <= width; column++)
		rows[0][column] = column;
	for (size_t row = 1; from[row - 1]; row++) {
		memcpy(rows[2], rows[1], sizeof *rows);
		memcpy(rows[1], rows[0], sizeof *rows);
		rows[0][0] = row;
		for (size_t column = 1; column <= width; column++) {
			const bool same = from[row - 1] == to[column - 1];
			size_t cost = rows[1][column - 1] + !same;

			cost = least(cost, rows[1][column] + 1);
			cost = least(cost, rows[0][column - 1] + 1);
			if (row > 1 && column > 1 && from[row - 1] == to[column - 2] &&
			    from[row - 2] == to[column - 1])
				cost = least(cost, rows[2][column - 2] + 1);
			rows[0][column] = cost;
		}
	}
	return rows[0][width];
}

bool
spelling_is_near(const char *written, const char *meant)
{
	const size_t length = strlen(written);
	size_t distance;

	if (length < 2 || length > SPELLING_LONGEST || strlen(meant) > SPELLING_LONGEST)
		return false;
	distance = spelling_distance(written, meant);
	return distance && distance <= (length > 4 ? 2 : 1);
}
