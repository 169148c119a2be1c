/* See migration.h. */
#include "migration.h"

#include <string.h>

#include "arena.h"
#include "companion.h"
#include "config.h"
#include "err.h"
#include "format.h"
#include "ledger.h"
#include "log.h"
#include "migration/peer.h"
#include "repeatable.h"
#include "scoped.h"
#include "script.h"

/* Bytes: of thousands of files of the usual size. A statement takes more than its text. */
#define KEPT_MOST ((size_t)8 << 20)

int
migration_compare(const struct migration *migration, const char *one, const char *other)
{
	return format_compare(migration->peer ? migration->peer->format : NULL, one, other);
}

const char *
migration_row(const struct migration *migration)
{
	return migration->entry ? migration->entry->version : migration->version;
}

const struct migration *
migrations_find(const struct migrations *migrations, const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];

		if (migration_compare(migration, migration->version, name) == 0 ||
		    strcmp(migration->name, name) == 0 ||
		    strcmp(migration->script->name, name) == 0)
			return migration;
	}
	return NULL;
}

const struct entry *
migrations_find_missing(const struct migrations *migrations, const char *word)
{
	for (size_t i = 0; i < migrations->missing_count; i++) {
		const struct entry *entry = migrations->missing[i];
		const size_t length = strlen(entry->name);

		if (strncmp(entry->name, word, length) == 0 &&
		    (!word[length] || strcmp(word + length, ".sql") == 0))
			return entry;
	}
	return NULL;
}

bool
migrations_name(const struct migrations *migrations, const char *word,
                const struct migration **migration, struct err *err)
{
	*migration = migrations_find(migrations, word);
	if (*migration)
		return true;
	(void)err_set(err, FAULT_NO_SOURCE, "no migration is called %s", word);
	for (size_t i = 0; i < migrations->count; i++)
		if (strncmp(migrations->at[i].name, word, strlen(word)) == 0)
			return err_hint(err, "did you mean %s?", migrations->at[i].script->name);
	return false;
}

bool
migrations_limit(struct migrations *migrations, const char *word, struct err *err)
{
	const struct migration *last;

	if (!migrations_name(migrations, word, &last, err))
		return false;
	migrations->limit = (size_t)(last - migrations->at) + 1;
	return true;
}

/* Where a file's is only of its text, the ledger's may have a part more, of variables. */
static bool
is_same_checksum(const char *kept, const char *checksum)
{
	const size_t length = strlen(checksum);

	/* memcmp: musl's strncmp takes twice as long, and a start compares thousands. */
	return strlen(kept) >= length && memcmp(kept, checksum, length) == 0 &&
	       (!kept[length] || kept[length] == '+');
}

enum verdict
migration_verdict(const struct migration *migration, const struct entry *entry, const char *newest)
{
	const bool is_same = entry && is_same_checksum(entry->checksum, migration->checksum);

	/* "": of a repeatable, one that it comes after has run since; of a version, a snapshot had it. */
	if (migration->is_repeatable)
		return is_same && entry->is_finished ? VERDICT_DONE : VERDICT_REPEAT;
	if (entry && !*entry->checksum && entry->is_finished)
		return VERDICT_DONE;
	if (!entry)
		return newest && migration_compare(migration, migration->version, newest) < 0
		             ? VERDICT_OUT_OF_ORDER
		             : VERDICT_APPLY;
	if (ledger_is_undoing(entry))
		return VERDICT_UNDOING;
	if (!entry->is_finished)
		return is_same ? VERDICT_RESUME : VERDICT_UNFINISHED;
	return is_same ? VERDICT_DONE : VERDICT_EDITED;
}

bool
migration_is_pending(const struct migration *migration)
{
	switch (migration->verdict) {
	case VERDICT_APPLY:
	case VERDICT_REPEAT:
	case VERDICT_RESUME:
	case VERDICT_OUT_OF_ORDER:
		return true;
	case VERDICT_DONE:
	case VERDICT_EDITED:
	case VERDICT_UNFINISHED:
	case VERDICT_UNDOING:
	case VERDICT_LATER:
	case VERDICT_COVERED:
	case VERDICT_NEWER:
		break;
	}
	return false;
}

bool
migrations_cover(const struct migrations *migrations, const char *version)
{
	return migrations->snapshot && !version_is_repeatable(version) &&
	       version_compare(version, migrations->snapshot->snapshot) <= 0;
}

/* Both lists are in the same order: one walk over them. */
static void
pair_up(struct migrations *migrations, const struct ledger *ledger, struct arena *arena)
{
	size_t i = 0, e = 0;

	while (i < migrations->count || e < ledger->count) {
		const int order =
			i == migrations->count ? 1
			: e == ledger->count
				? -1
				: migration_compare(&migrations->at[i], migrations->at[i].version,
		                                    ledger->entries[e].version);

		if (order == 0)
			migrations->at[i].entry = &ledger->entries[e];
		if (order > 0 && !ledger->entries[e].is_finished)
			migrations->orphan = &ledger->entries[e];
		if (order > 0 && ledger->entries[e].is_finished &&
		    !migrations_cover(migrations, ledger->entries[e].version)) {
			migrations->missing =
				arena_grow(arena, (void *)migrations->missing,
			                   migrations->missing_count, sizeof *migrations->missing);
			migrations->missing[migrations->missing_count++] = &ledger->entries[e];
		}
		i += order <= 0;
		e += order >= 0;
	}
}

static void
take_newest(struct migrations *migrations, const struct entry *entry)
{
	migrations->newest = entry->version;
	if (entry->is_finished)
		migrations->newest_finished = entry->version;
}

void
migrations_match(struct migrations *migrations, const struct ledger *ledger, struct arena *arena)
{
	migrations->newest = migrations->newest_finished = NULL;
	migrations->missing_count = 0;
	migrations->orphan = NULL;
	migrations->pending = 0;
	migrations->is_first = ledger->count == 0;
	for (size_t i = 0; i < migrations->count; i++)
		migrations->at[i].entry = NULL;
	for (size_t e = 0; e < ledger->count; e++)
		if (!version_is_repeatable(ledger->entries[e].version))
			take_newest(migrations, &ledger->entries[e]);
	repeatables_sort(migrations, false); /* as the ledger is */
	pair_up(migrations, ledger, arena);
	repeatables_sort(migrations, true);
	for (size_t i = 0; i < migrations->count; i++)
		migrations->at[i].verdict =
			migration_verdict(&migrations->at[i], migrations->at[i].entry,
		                          migrations->newest);
	repeatables_yield(migrations);
	repeatables_spread(migrations);
	for (size_t i = 0; i < migrations->count; i++) {
		struct migration *migration = &migrations->at[i];

		if (i >= migrations->limit && migration_is_pending(migration))
			migration->verdict = VERDICT_LATER;
		migrations->pending += migration_is_pending(migration);
	}
}

/* What is written into it later would be an edit of an applied file. A repeatable just runs again; other tools apply theirs. */
static bool
refuse_empty(const struct migration *migration, const struct batch *batch, struct err *err)
{
	if (batch->count || migration->is_repeatable || migration->peer)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s has no statement", migration->script->source.path);
	return err_hint(
		err, "write what it is to change; where that is nothing, let it say `select 1;`");
}

/* Lint and the run read the same statements. What is large is split again: it would lie in memory until the application starts. */
static void
keep(struct migrations *migrations, struct migration *migration, const struct batch *batch,
     struct arena *arena)
{
	const size_t size = arena_size(arena);

	if (size <= KEPT_MOST - migrations->kept &&
	    script_keep(&migration->script, batch, migrations->arena, arena))
		migrations->kept += size;
}

static bool
proofread(struct migrations *migrations, struct migration *migration, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct batch batch;

	if (migration->is_proofread)
		return true;
	if (!peer_may_run(migration, err) ||
	    !script_split(&batch, migration->script, config_script_variable, &arena, err) ||
	    !refuse_empty(migration, &batch, err))
		return false;
	if (migration->script->no_transaction || batch.has_alone)
		migration->runs_alone = true;
	migration->is_proofread = true;
	keep(migrations, migration, &batch, &arena);
	return true;
}

bool
migrations_proofread(struct migrations *migrations, struct err *err)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (migration_is_pending(&migrations->at[i]) &&
		    !proofread(migrations, &migrations->at[i], err))
			return false;
	return companion_proofread(migrations->before, err) &&
	       companion_proofread(migrations->after, err) &&
	       (!migrations->is_first || companion_proofread(migrations->snapshot, err));
}

const char *
migration_state(const struct migration *migration)
{
	const bool is_new = migration->verdict == VERDICT_REPEAT && !migration->entry;

	return verdict_name(is_new ? VERDICT_APPLY : migration->verdict);
}

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_DONE] = "applied",
		[VERDICT_APPLY] = "pending",
		[VERDICT_REPEAT] = "changed",
		[VERDICT_RESUME] = "interrupted",
		[VERDICT_OUT_OF_ORDER] = "out of order",
		[VERDICT_EDITED] = "edited",
		[VERDICT_UNFINISHED] = "unfinished",
		[VERDICT_UNDOING] = "half undone",
		[VERDICT_LATER] = "later",
		[VERDICT_COVERED] = "in the snapshot",
		[VERDICT_NEWER] = "newer",
	};

	return names[verdict];
}
