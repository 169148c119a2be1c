/* See begun.h. */
#include "begun.h"

#include <string.h>

/* As in script/read.c. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "hash.h"
#include "ledger.h"
#include "migration.h"
#include "scoped.h"
#include "script.h"

/* Without \r, and with a NUL behind it. */
static void
hash_text(SHA256_CTX *hash, const char *text, size_t length)
{
	const char *const end = text + length;
	const char *at;

	while ((at = memchr(text, '\r', (size_t)(end - text)))) {
		SHA256_Update(hash, text, (size_t)(at - text));
		text = at + 1;
	}
	SHA256_Update(hash, text, (size_t)(end - text));
	SHA256_Update(hash, "", 1);
}

/* A value that was put in is a secret, which no digest that everyone may read should have in it. */
static size_t
length_as_written(const struct statement *statement)
{
	size_t length = strlen(statement->sql);

	for (const struct splice *splice = statement->splices; splice->replaced; splice++)
		length = length + splice->replaced - splice->inserted;
	return length;
}

const char *const *
begun_digests(const struct batch *batch, struct arena *arena)
{
	const char **digests = arena_alloc(arena, (batch->count + 1) * sizeof *digests);
	SHA256_CTX all;

	SHA256_Init(&all);
	digests[0] = "";
	for (size_t i = 0; i < batch->count; i++) {
		const struct statement *statement = &batch->statements[i];
		unsigned char digest[SHA256_DIGEST_LENGTH];
		char hex[HASH_SIZE];
		SHA256_CTX so_far;

		hash_text(&all, statement->source->text + statement->offset,
		          length_as_written(statement));
		if (statement->kind == STATEMENT_COPY)
			hash_text(&all, statement->data, statement->data_length);
		so_far = all;
		SHA256_Final(digest, &so_far);
		hash_hex(hex, digest);
		digests[i + 1] = arena_copy(arena, hex);
	}
	return digests;
}

const char *
begun_kind(const char *version, struct arena *arena)
{
	return arena_join(arena, "begun", " ", version);
}

const char *
begun_sql(const struct boot *boot, const char *version, const char *digest, size_t count,
          struct arena *arena)
{
	return journal_sql(boot->db, boot->config, begun_kind(version, arena), digest, count, false,
	                   arena);
}

bool
begun_is_kept(struct boot *boot, const struct entry *entry, const struct script *script,
              bool *is_kept, size_t *count, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err refused = { 0 };
	struct batch batch;
	const char *digest;

	if (!journal_read(boot->db, boot->config, begun_kind(entry->version, &arena), &digest,
	                  count, &arena, err))
		return false;
	/* Without one it was not begun by us outside a transaction: what it did nobody knows. */
	*is_kept = digest != NULL;
	if (digest && script_split(&batch, script, config_script_variable, &arena, &refused))
		*is_kept = *count <= batch.count &&
		           strcmp(begun_digests(&batch, &arena)[*count], digest) == 0;
	return true;
}

bool
begun_settle(struct boot *boot, struct err *err)
{
	struct migrations *migrations = boot->migrations;

	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];
		bool is_kept;

		if (migration->verdict != VERDICT_UNFINISHED &&
		    migration->verdict != VERDICT_RESUME)
			continue;
		if (!begun_is_kept(boot, migration->entry, migration->script, &is_kept,
		                   &migration->begun, err))
			return false;
		migration->runs_alone = is_kept;
		if (!is_kept || migration->verdict == VERDICT_RESUME)
			continue;
		migration->verdict = i < migrations->limit ? VERDICT_RESUME : VERDICT_LATER;
		migrations->pending += i < migrations->limit;
	}
	return true;
}
