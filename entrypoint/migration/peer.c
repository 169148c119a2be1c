/* See peer.h. */
#include "peer.h"

#include <fcntl.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../format.h"
#include "../log.h"
#include "../migration.h"
#include "../script.h"

bool
peer_read_name(struct migration *migration, bool *is_down, const struct migrations *migrations,
               const char *path, const char *file, struct arena *arena)
{
	struct peer_file read;

	format_read_name(&read, migrations->format, file, arena);
	if (!read.is_named) {
		/* Flyway's conf file belongs to the one beside it. */
		if (!folder_name_ends(file, ".sql.conf"))
			log_warn("%s is not named as a migration of %s and is not run", path,
			         migrations->format->name);
		return false;
	}
	migration->version = read.version;
	migration->name = read.name;
	migration->peer = read.peer;
	migration->peer->evidence = migrations->is_guessed ? migrations->evidence : NULL;
	migration->is_repeatable = read.is_repeatable;
	*is_down = read.is_down;
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

bool
peer_read_down(const struct migration *migration, struct script *script, struct arena *arena,
               struct err *err)
{
	const struct script *down = migration->down;
	const char *conf = arena_join(arena, down->source.path, ".conf", "");
	const struct folder beside = { .descriptor = AT_FDCWD,
		                       .names = &conf,
		                       .count = access(conf, F_OK) == 0 };
	struct script *section;
	/* Of its own: what is found in the file is not of the one that it takes back. */
	struct peer peer = { .format = migration->peer->format, .file = down->source.path };
	const struct migration back = { .script = script, .peer = &peer };

	*script = *down;
	if (!format_read_text(&peer, script, &section, &beside, arena, err))
		return false;
	script->name = down->name;
	return peer_may_run(&back, err);
}
