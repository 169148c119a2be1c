/* See script.h. Here: what every start does with every file, its checksum. */
#include "../script.h"

#include <string.h>

/* The EVP interface would start a provider, for a millisecond, and look the algorithm up for each file. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../hash.h"
#include "include.h"
#include "mark.h"
#include "meta.h"
#include "variable.h"

/* In runs between the \r that stand before \n. */
static void
hash_text(SHA256_CTX *hash, const struct source *source)
{
	const char *run = source->text;
	const char *at = run;
	const char *const end = run + source->length;

	while ((at = memchr(at, '\r', (size_t)(end - at)))) {
		if (at + 1 < end && at[1] == '\n') {
			SHA256_Update(hash, run, (size_t)(at - run));
			run = at + 1;
		}
		at++;
	}
	SHA256_Update(hash, run, (size_t)(end - run));
}

static void
add_included(struct script *script, const char *path, struct arena *arena)
{
	script->included = arena_grow(arena, script->included, script->included_count, sizeof path);
	script->included[script->included_count++] = path;
}

/*
 * The text, then what its \i lines read in. What cannot be read is left to script_split, which tells
 * where it stands and knows better whether it is a meta-command at all.
 */
static void
hash_all(SHA256_CTX *hash, struct script *script, const struct include *include,
         struct arena *arena)
{
	const struct source *source = include->source;
	const char *const end = source->text + source->length;
	const char *at = source->text;

	hash_text(hash, source);
	while ((at = memchr(at, '\\', (size_t)(end - at)))) {
		struct err ignored = { 0 };
		struct source inner;
		struct meta meta;

		if (at + 1 < end && at[1] == 'i' &&
		    meta_begins_line(source, (size_t)(at - source->text)) &&
		    meta_read(&meta, source, (size_t)(at - source->text), arena, &ignored) &&
		    meta.file && include_read(&inner, include, &meta, arena, &ignored)) {
			const struct include deeper = { .source = &inner, .outer = include };

			add_included(script, inner.path, arena);
			hash_all(hash, script, &deeper, arena);
		}
		at++;
	}
}

bool
script_read(struct script *script, const struct source *source, const char *name,
            struct arena *arena, struct err *err)
{
	struct script read = { .source = *source, .name = name };
	const struct include include = { .source = source };
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX hash;

	if (!mark_read_all(&read, arena, err))
		return false;
	SHA256_Init(&hash);
	hash_all(&hash, &read, &include, arena);
	SHA256_Final(digest, &hash);
	hash_hex(read.checksum, digest);
	*script = read;
	return true;
}

bool
script_checksum_with(const struct script *script, script_variable *variable, const char **checksum,
                     struct arena *arena, struct err *err)
{
	struct text text = text_new(arena);
	struct variables variables;
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char hex[CHECKSUM_SIZE];
	SHA256_CTX hash;

	if (!variables_read(&variables, script, variable, arena, err))
		return false;
	text_add(&text, script->checksum);
	/* Literals are quoted, so no two lists of values make the same text. */
	for (size_t i = 0; i < variables.count; i++)
		text_print(&text, "\n%s=%s", variables.at[i].name, variables.at[i].literal);
	SHA256_Init(&hash);
	SHA256_Update(&hash, text.at, text.length);
	SHA256_Final(digest, &hash);
	hash_hex(hex, digest);
	*checksum = arena_print(arena, "%s+%.4s", script->checksum, hex);
	return true;
}
