/* How the rows of other tools' history tables are read. See rows.h. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../format.h"
#include "rows.h"

struct past
take_dbmate(const struct answer *answer, int row, struct arena *arena)
{
	(void)arena; /* the form of all */
	return (struct past){ .version = answer_at(answer, row, 0),
		              .name = answer_at(answer, row, 0) };
}

/* Old releases append a row when a version is taken back, new ones delete it: the newest row tells. */
struct past
take_goose(const struct answer *answer, int row, struct arena *arena)
{
	struct past past = {
		.version = answer_at(answer, row, 1),
		.name = answer_at(answer, row, 1),
		.state = answer_is_true(answer, row, 2) ? PAST_APPLIED : PAST_REVERTED,
		.at = answer_at(answer, row, 3),
		.order = strtoll(answer_at(answer, row, 0), NULL, 10),
	};

	(void)arena; /* the form of all */
	if (strcmp(past.version, "0") == 0)
		past.state = PAST_MARK;
	return past;
}

struct past
take_golang_migrate(const struct answer *answer, int row, struct arena *arena)
{
	(void)arena; /* the form of all */
	return (struct past){
		.version = answer_at(answer, row, 0),
		.name = answer_at(answer, row, 0),
		.state = answer_is_true(answer, row, 1) ? PAST_FAILED : PAST_UP_TO,
	};
}

/* The digits of a bytea, which bytea_output shows as \x and these, or as the bytes with \\ and \ooo among them. */
static const char *
hex_of(const char *shown, struct arena *arena)
{
	struct text hex = text_new(arena);

	if (strncmp(shown, "\\x", 2) == 0)
		return shown + 2;
	while (*shown) {
		unsigned byte = (unsigned char)*shown++;

		if (byte == '\\' && *shown == '\\') {
			shown++;
		} else if (byte == '\\' && strspn(shown, "01234567") >= 3) {
			byte = (unsigned)(shown[0] - '0') << 6 | (unsigned)(shown[1] - '0') << 3 |
			       (unsigned)(shown[2] - '0');
			shown += 3;
		}
		text_print(&hex, "%02x", byte);
	}
	return hex.at;
}

struct past
take_sqlx(const struct answer *answer, int row, struct arena *arena)
{
	return (struct past){
		.version = answer_at(answer, row, 0),
		.name = arena_join(arena, answer_at(answer, row, 0), " ",
		                   answer_at(answer, row, 1)),
		.state = answer_is_true(answer, row, 2) ? PAST_APPLIED : PAST_FAILED,
		.checksum =
			arena_join(arena, "sha384:", hex_of(answer_at(answer, row, 3), arena), ""),
		.at = answer_at(answer, row, 4),
	};
}

/* Types of rows: community and paid editions, since both may have written. */
static enum past_state
flyway_state(const char *type, bool was_success)
{
	if (!was_success)
		return PAST_FAILED;
	if (strcmp(type, "DELETE") == 0 || strncmp(type, "UNDO", 4) == 0)
		return PAST_REVERTED;
	if (strcmp(type, "SCHEMA") == 0)
		return PAST_MARK;
	return strstr(type, "BASELINE") ? PAST_BASELINE : PAST_APPLIED;
}

struct past
take_flyway(const struct answer *answer, int row, struct arena *arena)
{
	const char *version = answer_at(answer, row, 1), *description = answer_at(answer, row, 2);
	const char *checksum = answer_at(answer, row, 5);
	struct past past = {
		.version = version,
		.name = answer_at(answer, row, 4),
		.state = flyway_state(answer_at(answer, row, 3), answer_is_true(answer, row, 7)),
		.checksum = checksum ? arena_join(arena, "crc32:", checksum, "") : NULL,
		.at = answer_at(answer, row, 6),
		.order = strtoll(answer_at(answer, row, 0), NULL, 10),
	};

	if (!version) {
		char *repeatable = arena_join(arena, "R__", description, "");

		for (char *c = repeatable; *c; c++)
			if (*c == ' ')
				*c = '_';
		past.version = repeatable;
		if (past.state == PAST_FAILED)
			past.state =
				PAST_REVERTED; /* it runs again, as Flyway would let it after a repair */
	}
	return past;
}

struct past
take_node_pg_migrate(const struct answer *answer, int row, struct arena *arena)
{
	(void)arena; /* the form of all */
	return (struct past){
		.version = answer_at(answer, row, 0),
		.name = answer_at(answer, row, 0),
		.at = answer_at(answer, row, 1),
	};
}
