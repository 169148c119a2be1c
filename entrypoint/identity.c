/* See identity.h. */
#include "identity.h"

#include <string.h>

#include "arena.h"
#include "db.h"

/* pg_control_system() has the cluster's own identifier, but may be forbidden, and a clone of the disk has the same. */
const char identity_columns[] =
	"current_database(), (select oid from pg_database where datname = current_database()),\n"
	"    extract(epoch from pg_postmaster_start_time()), pg_is_in_recovery()";

struct identity
identity_take(const struct answer *answer, int column, struct arena *arena)
{
	return (struct identity){
		.database = arena_copy(arena, answer_at(answer, 0, column)),
		.oid = arena_copy(arena, answer_at(answer, 0, column + 1)),
		.started = arena_copy(arena, answer_at(answer, 0, column + 2)),
		.is_standby = answer_is_true(answer, 0, column + 3),
	};
}

enum kinship
identity_compare(const struct identity *one, const struct identity *other)
{
	if (strcmp(one->oid, other->oid) != 0 || strcmp(one->database, other->database) != 0)
		return KINSHIP_OTHER_DATABASE;
	if (strcmp(one->started, other->started) == 0)
		return KINSHIP_SAME;
	return one->is_standby || other->is_standby ? KINSHIP_PERHAPS : KINSHIP_OTHER_SERVER;
}
