/* Reading a file of another tool. See format.h. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../format.h"
#include "../script.h"
#include "checksum.h"
#include "name.h"
#include "section.h"

/* The file's name without its ending, or NULL: it can be no migration of the tool's. */
static const char *
stem_of(const struct format *format, const char *file, bool *is_foreign, struct arena *arena)
{
	const char *ending = folder_name_ends(file, ".sql") ? ".sql" : NULL;

	*is_foreign = !ending;
	for (size_t i = 0; !ending && format->foreign[i]; i++)
		if (folder_name_ends(file, format->foreign[i]))
			ending = format->foreign[i];
	return ending ? arena_copy_n(arena, file, strlen(file) - strlen(ending)) : NULL;
}

/* Flyway's script configuration: NAME.conf beside the file, of which two keys matter. */
struct conf {
	bool no_transaction, keeps_placeholders;
};

static bool
line_says(const char *text, const char *key, const char *value)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at = line + strspn(line, "\n \t\r");

		line = at;
		if (strncmp(at, key, strlen(key)) != 0)
			continue;
		at += strlen(key);
		at += strspn(at, " \t");
		if (*at++ == '=' && strncmp(at + strspn(at, " \t"), value, strlen(value)) == 0)
			return true;
	}
	return false;
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static bool
read_conf(struct conf *conf, const struct folder *folder, const char *file, struct arena *arena,
          struct err *err)
{
	const char *name = arena_join(arena, file, ".conf", "");
	struct source source;

	*conf = (struct conf){ 0 };
	if (!bsearch(&name, folder->names, folder->count, sizeof *folder->names, by_name))
		return true;
	if (!source_read(&source, folder->descriptor, name,
	                 folder->path ? arena_join(arena, folder->path, "/", name) : name, arena,
	                 err))
		return false;
	conf->no_transaction = line_says(source.text, "executeInTransaction", "false");
	conf->keeps_placeholders = line_says(source.text, "placeholderReplacement", "false");
	return true;
}

/* What only Flyway has: a configuration beside the file, placeholders in it. */
static bool
read_flyway(struct peer *peer, struct script *script, const struct folder *folder,
            struct arena *arena, struct err *err)
{
	struct conf conf;
	const char *placeholder = strstr(script->source.text, "${");

	if (!read_conf(&conf, folder, peer->file, arena, err))
		return false;
	script->no_transaction |= conf.no_transaction;
	if (placeholder && !conf.keeps_placeholders && !peer->refusal) {
		peer->refusal = "a placeholder of Flyway, which puts its value in unquoted";
		peer->refused_at = placeholder;
	}
	return true;
}

static bool
read_sections(struct peer *peer, struct script *script, struct script **down,
              const struct source *source, struct arena *arena, struct err *err)
{
	const char *alone = peer->format->alone_top;
	struct parts parts;

	*down = NULL;
	if (!parts_read(&parts, peer->format, source, arena, err) ||
	    !script_read(script, parts.up, peer->file, arena, err))
		return false;
	script->no_transaction |=
		parts.up_alone || (alone && strncmp(source->text, alone, strlen(alone)) == 0);
	if (parts.refusal) {
		peer->refusal = parts.refusal;
		if (parts.refused_at < script->source.length)
			peer->refused_at = script->source.text + parts.refused_at;
	}
	if (!parts.down)
		return true;
	*down = arena_alloc(arena, sizeof **down);
	if (!script_read(*down, parts.down, peer->file, arena, err))
		return false;
	(*down)->no_transaction |= parts.down_alone;
	return true;
}

/* A section of another tool's would be none, or run whole. */
static bool
refuse_other(const struct peer *peer, const struct source *source, struct err *err)
{
	const char *looks;
	const struct format *other = format_by_marker(source->text, &looks);

	if (!peer->evidence || !peer->format->read_heading || !other || other == peer->format)
		return true;
	(void)err_set(err, FAULT_WRONG, "files of two tools: %s has a line like `%s`, but %s",
	              source->path, looks, peer->evidence);
	return err_hint(err, FORMAT_REMEDY);
}

/* It has not what that tool's files have: perhaps it is none. */
static bool
advise(const struct peer *peer, struct err *err)
{
	return peer->evidence && err->fault == FAULT_WRONG
	             ? err_hint(err,
	                        "these are taken for files of %s, since %s; if they are not: "
	                        "set migrations_format",
	                        peer->format->name, peer->evidence)
	             : false;
}

bool
format_read_text(struct peer *peer, struct script *script, struct script **down,
                 const struct folder *folder, struct arena *arena, struct err *err)
{
	struct source source;

	*down = NULL;
	if (peer->is_foreign) {
		script->source.text = "";
		return true;
	}
	if (!source_read(&source, folder->descriptor, peer->file, script->source.path, arena,
	                 err) ||
	    !refuse_other(peer, &source, err))
		return false;
	if (!read_sections(peer, script, down, &source, arena, err))
		return advise(peer, err);
	if (peer->format->checksum)
		peer->checksum = peer->format->checksum(script, ENDS_AS_THEY_ARE, arena);
	return strcmp(peer->format->name, "flyway") != 0 ||
	       read_flyway(peer, script, folder, arena, err);
}

void
format_read_name(struct peer_file *read, const struct format *format, const char *file,
                 struct arena *arena)
{
	bool is_foreign;
	const char *text = stem_of(format, file, &is_foreign, arena);
	struct stem stem = { 0 };

	*read = (struct peer_file){ .is_named = text && format->read_stem(&stem, text, arena) };
	if (!read->is_named)
		return;
	read->is_down = stem.is_down;
	read->is_repeatable = stem.is_repeatable;
	read->version = stem.version;
	read->name = stem.name;
	read->peer = arena_alloc(arena, sizeof *read->peer);
	*read->peer = (struct peer){
		.format = format,
		.description = stem.description,
		.file = file,
		.is_foreign = is_foreign,
		.is_baseline = stem.is_baseline,
		.refusal = is_foreign
		                 ? "a migration that is no SQL, which only its own tool can run"
		                 : stem.refusal,
	};
}

bool
format_checksum_is(const struct peer *peer, const struct script *script, const char *checksum,
                   struct arena *arena)
{
	if (!peer->checksum || strcmp(peer->checksum, checksum) == 0)
		return true;
	/* A checkout may have changed them since. */
	for (int ends = ENDS_AS_THEY_ARE + 1; ends < ENDS_COUNT; ends++)
		if (strcmp(peer->format->checksum(script, ends, arena), checksum) == 0)
			return true;
	return false;
}
