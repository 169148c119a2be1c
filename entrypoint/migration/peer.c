/* See peer.h. */
#include "peer.h"

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../format.h"
#include "../log.h"
#include "../migration.h"
#include "../script.h"

bool
peer_add_file(struct migrations *migrations, struct migrations *downs,
              const struct folder *folder, const char *file, struct arena *arena, struct err *err)
{
	struct peer_file read;
	struct migration migration;

	if (!format_read_file(&read, migrations->format, folder, file, arena, err))
		return false;
	if (!read.is_named) {
		if (!folder_name_ends(file, ".sql.conf"))
			log_warn("%s/%s is not named as a migration of %s and is not run",
			         folder->path, file, migrations->format->name);
		return true;
	}
	migration = (struct migration){ .script = read.script,
		                        .version = read.version,
		                        .name = read.name,
		                        .checksum = read.script->checksum,
		                        .down = read.down,
		                        .peer = read.peer,
		                        .is_repeatable = read.is_repeatable };
	if (read.is_down) {
		downs->at = arena_grow(arena, downs->at, downs->count, sizeof *downs->at);
		downs->at[downs->count++] = migration;
	} else {
		migrations->at[migrations->count++] = migration;
	}
	return true;
}

bool
peer_may_run(const struct migration *migration, struct err *err)
{
	const struct peer *peer = migration->peer;
	const struct source *source = &migration->script->source;
	struct place place;

	if (!peer || !peer->refusal)
		return true;
	if (!peer->refused_at) {
		(void)err_set(err, FAULT_WRONG, "%s: %s", source->path, peer->refusal);
	} else {
		(void)err_set(err, FAULT_WRONG, "%s", peer->refusal);
		place = place_at(source, (size_t)(peer->refused_at - source->text));
		(void)place_blame(&place, err);
	}
	return err_hint(err, "write it as plain SQL, or apply it once more with %s",
	                peer->format->name);
}
