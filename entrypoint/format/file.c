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
	                 arena_join(arena, folder->path, "/", name), arena, err))
		return false;
	conf->no_transaction = line_says(source.text, "executeInTransaction", "false");
	conf->keeps_placeholders = line_says(source.text, "placeholderReplacement", "false");
	return true;
}

/* What only Flyway has: a configuration beside the file, placeholders in it. */
static bool
read_flyway(struct peer_file *read, const struct folder *folder, struct arena *arena,
            struct err *err)
{
	struct conf conf;
	const char *placeholder = strstr(read->script->source.text, "${");

	if (!read_conf(&conf, folder, read->peer->file, arena, err))
		return false;
	read->script->no_transaction |= conf.no_transaction;
	if (placeholder && !conf.keeps_placeholders && !read->peer->refusal) {
		read->peer->refusal = "a placeholder of Flyway, which puts its value in unquoted";
		read->peer->refused_at = placeholder;
	}
	return true;
}

static bool
read_sections(struct peer_file *read, const struct format *format, const struct source *source,
              struct arena *arena, struct err *err)
{
	const size_t top = format->alone_top ? strlen(format->alone_top) : 0;
	struct parts parts;

	if (!parts_read(&parts, format, source, arena, err) ||
	    !script_read(read->script, parts.up, read->peer->file, arena, err))
		return false;
	read->script->no_transaction |=
		parts.up_alone || (top && strncmp(source->text, format->alone_top, top) == 0);
	if (parts.refusal) {
		read->peer->refusal = parts.refusal;
		if (parts.refused_at < read->script->source.length)
			read->peer->refused_at = read->script->source.text + parts.refused_at;
	}
	if (!parts.down)
		return true;
	read->down = arena_alloc(arena, sizeof *read->down);
	if (!script_read(read->down, parts.down, read->peer->file, arena, err))
		return false;
	read->down->no_transaction |= parts.down_alone;
	return true;
}

static bool
read_text(struct peer_file *read, const struct format *format, const struct folder *folder,
          struct arena *arena, struct err *err)
{
	const char *file = read->peer->file;
	struct source source;

	if (!source_read(&source, folder->descriptor, file,
	                 arena_join(arena, folder->path, "/", file), arena, err) ||
	    !read_sections(read, format, &source, arena, err))
		return false;
	if (format->checksum)
		read->peer->checksum = format->checksum(read->script, ENDS_AS_THEY_ARE, arena);
	return strcmp(format->name, "flyway") != 0 || read_flyway(read, folder, arena, err);
}

/* A migration in another language: it counts, but has no text for us. */
static void
take_foreign(struct peer_file *read, const struct folder *folder, struct arena *arena)
{
	read->peer->refusal = "a migration that is no SQL, which only its own tool can run";
	read->script->name = read->peer->file;
	read->script->source = (struct source){
		.path = arena_join(arena, folder->path, "/", read->peer->file), .text = ""
	};
}

bool
format_read_file(struct peer_file *read, const struct format *format,
                 const struct folder *folder, const char *file, struct arena *arena,
                 struct err *err)
{
	bool is_foreign;
	const char *text = stem_of(format, file, &is_foreign, arena);
	struct stem stem = { 0 };

	*read = (struct peer_file){ .is_named = text && format->read_stem(&stem, text, arena) };
	if (!read->is_named)
		return true;
	read->is_down = stem.is_down;
	read->is_repeatable = stem.is_repeatable;
	read->version = stem.version;
	read->name = stem.name;
	read->script = arena_alloc(arena, sizeof *read->script);
	read->peer = arena_alloc(arena, sizeof *read->peer);
	*read->peer = (struct peer){ .format = format,
		                     .description = stem.description,
		                     .file = file,
		                     .refusal = stem.refusal };
	if (!is_foreign)
		return read_text(read, format, folder, arena, err);
	take_foreign(read, folder, arena);
	return true;
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
