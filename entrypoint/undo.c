/* See undo.h. */
#include "undo.h"

#include <stdlib.h>
#include <string.h>

#include "alone.h"
#include "arena.h"
#include "attempt.h"
#include "backup.h"
#include "begun.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "format.h"
#include "history.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "pooled.h"
#include "progress.h"
#include "scoped.h"
#include "script.h"
#include "sending.h"

/* Longer than this it is a version, however many there are. */
#define NUMBER_DIGITS 4

static bool
is_number(const char *word)
{
	const size_t digits = version_digits(word);

	return digits && digits <= NUMBER_DIGITS && !word[digits] && *word != '0';
}

/* 0, which is behind nothing: all are undone. */
static bool
is_before_all(const char *word)
{
	return *word && word[strspn(word, "0")] == '\0';
}

/* As it is written, or the file of that name. */
static bool
is_called(const struct entry *entry, const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	const size_t length = strlen(entry->name);

	return strcmp(entry->version, name) == 0 || strcmp(entry->name, name) == 0 ||
	       (strncmp(entry->name, name, length) == 0 && strcmp(name + length, ".sql") == 0);
}

enum reach
undo_reach(const struct ledger *ledger, const struct format *format, const char *word,
           size_t *count)
{
	const bool is_count = word && (is_number(word) || strcmp(word, "0") == 0);
	size_t newer = 0;

	*count = 1;
	if (!word)
		return REACH_ONE;
	for (size_t e = ledger->count; e-- > 0;) {
		const struct entry *entry = &ledger->entries[e];

		if (version_is_repeatable(entry->version))
			continue;
		/* 0 is all also where there is a file 0000, and either where that is called 0. */
		if (is_called(entry, word) ||
		    (!is_count && format_compare(format, entry->version, word) == 0)) {
			*count = newer;
			return is_count ? REACH_EITHER : REACH_VERSION;
		}
		newer++;
	}
	if (is_before_all(word)) {
		*count = newer;
		return REACH_VERSION;
	}
	if (!is_number(word))
		return REACH_UNKNOWN;
	*count = strtoul(word, NULL, 10);
	return REACH_NUMBER;
}

static const struct migration *
migration_of(const struct migrations *migrations, const struct entry *entry)
{
	for (size_t i = 0; i < migrations->count; i++)
		if (migrations->at[i].entry &&
		    strcmp(migrations->at[i].entry->version, entry->version) == 0)
			return &migrations->at[i];
	return NULL;
}

static bool
refuse_word(const struct boot *boot, enum reach reach, const char *word, struct err *err)
{
	const struct migration *migration;

	if (reach == REACH_EITHER) {
		(void)err_set(err, FAULT_USAGE, "%s is a version, and may be a number as well",
		              word);
		return err_hint(err, "name the file of the version that is to stay the newest");
	}
	if (!migrations_name(boot->migrations, word, &migration, err))
		return false;
	if (migration->is_repeatable)
		return err_set(err, FAULT_WRONG, "%s is repeatable, and only versions are undone",
		               migration->script->name);
	return err_set(err, FAULT_WRONG, "%s is not applied", migration->script->name);
}

/* In the order of whose versions they are; nearly always that is ours, in which they come. */
static void
sort(struct ledger *ledger, const struct format *format)
{
	for (size_t i = 1; i < ledger->count; i++) {
		const struct entry entry = ledger->entries[i];
		size_t at = i;

		for (; at &&
		       format_compare(format, ledger->entries[at - 1].version, entry.version) > 0;
		     at--)
			ledger->entries[at] = ledger->entries[at - 1];
		ledger->entries[at] = entry;
	}
}

/* Other tools' files have other endings: a file stands for the name in its row. */
static const char *
name_of_file(const struct migrations *migrations, const char *word)
{
	const struct migration *migration = word ? migrations_find(migrations, word) : NULL;
	const char *slash = word ? strrchr(word, '/') : NULL;

	return migration && migration->entry &&
	                       strcmp(migration->script->name, slash ? slash + 1 : word) == 0
	             ? migration->entry->name
	             : word;
}

bool
undos_choose(struct undos *undos, struct boot *boot, const char *word, struct arena *arena,
             struct err *err)
{
	struct ledger ledger = { 0 };
	struct undos chosen = { 0 };
	enum reach reach;
	size_t count;

	if (boot->ledger)
		ledger_take(&ledger, boot->ledger, arena);
	sort(&ledger, boot->migrations->format);
	word = name_of_file(boot->migrations, word);
	reach = undo_reach(&ledger, boot->migrations->format, word, &count);
	if (reach == REACH_EITHER || reach == REACH_UNKNOWN)
		return refuse_word(boot, reach, word, err);
	chosen.at = arena_alloc(arena, ledger.count * sizeof *chosen.at);
	for (size_t e = ledger.count; e-- > 0 && chosen.count < count;) {
		struct undo undo = { .entry = &ledger.entries[e] };

		if (version_is_repeatable(undo.entry->version))
			continue;
		undo.migration = migration_of(boot->migrations, undo.entry);
		if (undo.migration && !migration_read_down(undo.migration, &undo.down, arena, err))
			return false;
		chosen.at[chosen.count++] = undo;
	}
	if (chosen.count < count)
		return err_set(err, FAULT_WRONG, "%zu to undo, but %zu applied", count,
		               chosen.count);
	*undos = chosen;
	return true;
}

static bool
refuse_half(const struct undo *undo, struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "%s is half applied, %zu statement%s in", undo->entry->name,
	              undo->entry->statements, undo->entry->statements == 1 ? "" : "s");
	return err_hint(err, "let it be finished first: `pg-entrypoint migrate up`");
}

static bool
refuse_without(const struct boot *boot, const struct undo *undo, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct migration *migration = undo->migration;

	if (!migration) {
		(void)err_set(err, FAULT_NO_SOURCE, "%s is applied, but there is no such file",
		              undo->entry->name);
		return err_hint(err, "start an image that has it and its down file");
	}
	(void)err_set(err, FAULT_NO_SOURCE, "%s has no down file, so nothing says how to undo it",
	              migration->script->source.path);
	(void)backup_advise_newest(boot, err); /* false below */
	return err_hint(err, "%s",
	                format_down_of(boot->migrations->format, migration->script->name,
	                               migration->name, &arena));
}

/* Its text is not what was applied, so its down file need not be what undoes that. */
static bool
judge_edited(const struct undo *undo, const struct config *config, struct err *err)
{
	if (undo->migration->verdict != VERDICT_EDITED || config->on_edited == POLICY_IGNORE)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "%s was changed after it was applied at %s: its down file may undo what was "
	              "never done",
	              undo->migration->script->source.path, undo->entry->started_at);
	if (config->on_edited == POLICY_ERROR)
		return err_hint(err, "take the change back, or say --on-edited=warn");
	log_warn("%s", err->what);
	err_clear(err);
	return true;
}

/* What is done of it may not be edited. */
static bool
judge_half_undone(const struct undo *undo, struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	bool is_kept;
	size_t begun;

	if (!ledger_is_undoing(undo->entry) ||
	    strcmp(undo->entry->checksum, ledger_undoing_checksum(undo->down->checksum, &arena)) ==
	            0)
		return true;
	if (!begun_is_kept(boot, undo->entry, undo->down, &is_kept, &begun, err))
		return false;
	if (is_kept)
		return true;
	(void)err_set(err, FAULT_WRONG,
	              "%s was changed while it was half done, %zu statement%s in%s",
	              undo->down->source.path, undo->entry->statements,
	              undo->entry->statements == 1 ? "" : "s",
	              begun > undo->entry->statements ? ", and 1 more was begun" : "");
	return err_hint(err,
	                "%s (checksum of the file then: %.8s); or do the rest by hand, and: %s",
	                ledger_put_back(begun, &arena), strchr(undo->entry->checksum, ':') + 1,
	                ledger_forget_by_hand(boot->config, undo->entry->version, &arena));
}

/* That it says something, and may be sent; the template of `migrate new` says nothing yet. */
static bool
proofread(const struct undo *undo, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct batch batch;

	if (!script_split(&batch, undo->down, config_script_variable, &arena, err))
		return false;
	if (batch.count)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s has no statement", undo->down->source.path);
	return err_hint(err, "where nothing is to be undone, let it say `select 1;`");
}

bool
undos_judge(const struct undos *undos, struct boot *boot, struct err *err)
{
	for (size_t i = 0; i < undos->count; i++) {
		const struct undo *undo = &undos->at[i];

		if (!undo->entry->is_finished && !ledger_is_undoing(undo->entry))
			return refuse_half(undo, err);
		if (!undo->down)
			return refuse_without(boot, undo, err);
		if (!judge_edited(undo, boot->config, err) || !judge_half_undone(undo, boot, err) ||
		    !proofread(undo, err))
			return false;
	}
	return true;
}

const char *
undos_names(const struct undos *undos, struct arena *arena)
{
	struct text names = text_new(arena);

	for (size_t i = 0; i < undos->count; i++)
		text_print(&names, "%s%s", i ? ", " : "", undos->at[i].entry->name);
	return names.at;
}

/* The removal of the row goes first: it fences out a second runner, and a role that the file takes need not be able to. */
static bool
undo_whole(struct boot *boot, const struct undo *undo, const struct batch *batch,
           struct arena *arena, struct err *err)
{
	const char *before =
		arena_print(arena, "%s%s", transaction_begin_sql(boot, arena),
	                    ledger_remove_sql(boot->db, boot->config, undo->entry->version,
	                                      undo->entry->checksum, arena));
	const char *after = arena_print(
		arena, "reset session authorization; reset role;\n%s%scommit; reset all",
		pooled_clean_sql(batch, arena), history_remove_sql(boot, undo->migration, arena));
	struct patience patience = patience_new(boot->config);

	while (!send_batch(boot, undo->down, batch, before, after, arena, err))
		if (!patience_retries(&patience, boot->db, err))
			return ledger_went_late(boot->db, boot->config, undo->entry->version, err);
	return true;
}

/* With nothing of an earlier life in the journal. */
static const char *
begin_sql(struct boot *boot, const struct undo *undo, const struct migration *down,
          struct arena *arena)
{
	return arena_join(arena, alone_begin_sql(boot, down, arena),
	                  ledger_undo_sql(boot->db, boot->config, down->version,
	                                  undo->entry->checksum, down->checksum, arena),
	                  "");
}

/* All at once: a row that is finished, but not yet gone, would be one that somebody else has taken back. */
static const char *
end_sql(struct boot *boot, const struct undo *undo, const struct migration *down,
        const struct batch *batch, struct arena *arena)
{
	return arena_print(arena, "%s;\n%s%s", alone_finish_sql(boot, down, batch, arena),
	                   history_remove_sql(boot, undo->migration, arena),
	                   ledger_remove_sql(boot->db, boot->config, down->version, down->checksum,
	                                     arena));
}

/* The row is the journal meanwhile, and no start takes it for one of a migration that is applied. */
static bool
undo_alone(struct boot *boot, const struct undo *undo, const struct batch *batch,
           struct arena *arena, struct err *err)
{
	const bool is_resumed = ledger_is_undoing(undo->entry);
	const char *version = undo->entry->version;
	const char *checksum = ledger_undoing_checksum(undo->down->checksum, arena);
	const struct migration down = { .script = undo->down,
		                        .version = version,
		                        .name = undo->entry->name,
		                        .checksum = checksum };

	if (!send_check_settings(batch, err) || !pooled_check(boot, batch, err))
		return false;
	/* It may have been edited behind what is done. */
	if (is_resumed && strcmp(undo->entry->checksum, checksum) != 0 &&
	    !ledger_accept(boot->db, boot->config, version, checksum, err))
		return false;
	if (!is_resumed && !db_run(boot->db, begin_sql(boot, undo, &down, arena), err))
		return ledger_went_late(boot->db, boot->config, version, err);
	if (!alone_go_on(boot, &down, batch, is_resumed ? undo->entry->statements : 0, is_resumed,
	                 err))
		return !is_resumed &&
		       alone_give_up(boot,
		                     ledger_stay_sql(boot->db, boot->config, undo->entry,
		                                     begun_kind(version, arena), arena),
		                     err);
	return db_run(boot->db, end_sql(boot, undo, &down, batch, arena), err) ||
	       ledger_went_late(boot->db, boot->config, version, err);
}

bool
undo_apply(struct boot *boot, const struct undo *undo, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const int64_t since = clock_now();
	struct batch batch;

	progress_file(boot, undo->down->name);
	if (!script_split(&batch, undo->down, config_script_variable, &arena, err))
		return false;
	if (!(undo->down->no_transaction || batch.has_alone || ledger_is_undoing(undo->entry)
	              ? undo_alone(boot, undo, &batch, &arena, err)
	              : undo_whole(boot, undo, &batch, &arena, err)))
		return false;
	progress_file(boot, NULL);
	log_info("%s undone in %lld ms", undo->entry->name, (long long)(clock_now() - since));
	return true;
}
