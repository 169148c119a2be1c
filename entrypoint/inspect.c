/* See inspect.h. */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "lint.h"
#include "log.h"
#include "look.h"
#include "migration.h"
#include "scoped.h"
#include "script.h"

/* The versions that PostgreSQL's community supports, and a few to come. */
#define OLDEST_SERVER 13
#define NEWEST_SERVER 18 /* whose statements are known */

static bool
is_off(const struct boot *boot)
{
	return boot->config->lint != POLICY_ERROR && boot->config->lint != POLICY_WARN;
}

bool
inspect_is_due(const struct boot *boot)
{
	return migrate_is_due(boot) && !is_off(boot);
}

/* All that is pending, on this server. */
static bool
inspect_pending(struct boot *boot, struct findings *findings, struct arena *arena, struct err *err)
{
	struct lint *lint = lint_new(db_server_version(boot->db), arena);

	for (size_t i = 0; i < boot->migrations->count; i++)
		if (migration_is_pending(&boot->migrations->at[i]) &&
		    !lint_read(lint, boot->migrations->at[i].script, LINT_PENDING, err))
			return false;
	if (!lint_ask(lint, boot->db, boot->config->schema, err))
		return false;
	*findings = lint_judge(lint);
	return true;
}

/* As a failure would tell it: place, line and caret, hint. */
static struct err
as_err(const struct finding *finding)
{
	const struct place place = place_at(finding->source, finding->offset);
	struct err told = { 0 };

	(void)err_set(&told, FAULT_WRONG, "%s: %s", finding->rule, finding->message);
	(void)place_blame(&place, &told);
	(void)err_hint(&told, "%s", finding->hint);
	return told;
}

bool
inspect_judge(const struct boot *boot, size_t count, struct err *err)
{
	if (!count || boot->config->lint != POLICY_ERROR)
		return true;
	(void)err_set(err, FAULT_WRONG, "%zu finding%s of the lint, and lint = error", count,
	              count > 1 ? "s" : "");
	return err_hint(err, "mend it; or say above the statement why it is meant so: "
	                     "-- pg-entrypoint: allow RULE REASON");
}

bool
inspect_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct findings findings = { 0 };

	if (!inspect_pending(boot, &findings, &arena, err))
		return false;
	for (size_t i = 0; i < findings.count; i++) {
		struct err told = as_err(&findings.at[i]);

		told.detail[0] = '\0'; /* a line and its hint are enough here */
		log_warning(&told);
	}
	return inspect_judge(boot, findings.count, err);
}

static void
add_json(struct text *page, const struct finding *finding)
{
	const struct place place = place_at(finding->source, finding->offset);

	text_add(page, "{\"rule\":");
	text_add_json(page, finding->rule);
	text_add(page, ",\"file\":");
	text_add_json(page, place.path);
	text_print(page, ",\"line\":%zu,\"column\":%zu,\"message\":", place.line, place.column);
	text_add_json(page, finding->message);
	text_add(page, ",\"hint\":");
	text_add_json(page, finding->hint);
	text_add_char(page, '}');
}

static void
add_all_json(struct text *page, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		text_add(page, i ? "," : "");
		add_json(page, &findings->at[i]);
	}
}

/* As a compiler prints it. */
static void
add_text(struct text *page, const struct finding *finding)
{
	struct err told = as_err(finding);
	char *rest;

	text_print(page, "%s\n", told.what);
	for (char *line = strtok_r(told.detail, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		text_print(page, "  %s\n", line);
	text_print(page, "  hint: %s\n", told.hint);
}

bool
inspect_add(struct boot *boot, struct text *page, bool as_json, size_t *count, struct err *err)
{
	struct findings findings = { 0 };

	if (inspect_is_due(boot) && !inspect_pending(boot, &findings, page->arena, err))
		return false;
	if (as_json)
		add_all_json(page, &findings);
	for (size_t i = 0; i < findings.count && !as_json; i++)
		text_print(page, "%-12s %s\n", "lint", as_err(&findings.at[i]).what);
	*count = findings.count;
	return true;
}

/* Of `migrate lint VERSION`: the first file that counts; without one all do. */
static bool
find_first(const struct boot *boot, const struct migration **first, struct err *err)
{
	const char *word = *boot->request->operands;

	*first = word ? migrations_find(boot->migrations, word) : NULL;
	if (word && !*first)
		return err_set(err, FAULT_NO_SOURCE, "no migration is called %s", word);
	return true;
}

/*
 * Without a ledger nobody knows what is pending: each file counts as a deployment of its own, or, with
 * a first one, that and all later ones together.
 */
static bool
read_files(const struct boot *boot, struct lint *lint, const struct migration *first,
           struct err *err)
{
	const struct migrations *migrations = boot->migrations;

	for (size_t i = 0; i < migrations->count; i++) {
		const struct migration *migration = &migrations->at[i];
		const enum lint_use use = !first            ? LINT_ALONE
		                        : migration < first ? LINT_APPLIED
		                                            : LINT_PENDING;

		if (!lint_read(lint, migration->script, use, err))
			return false;
	}
	return true;
}

/* "15", "15.4": as PQserverVersion says it. */
static bool
read_version(const char *text, int *version, struct err *err)
{
	char *end;
	const long major = strtol(text, &end, 10);

	if (end == text || (*end && *end != '.') || major < OLDEST_SERVER || major > NEWEST_SERVER)
		return err_set(
			err, FAULT_USAGE,
			"--server-version: \"%s\" is none of PostgreSQL's versions from %d to %d",
			text, OLDEST_SERVER, NEWEST_SERVER);
	*version = (int)major * 10000;
	return true;
}

static bool
inspect_by_words(struct boot *boot, struct findings *findings, struct err *err)
{
	struct config config = *boot->config;
	const struct migration *first;
	struct lint *lint;
	int version;

	/* Variables need no values: repeatables are held against no ledger. */
	config.expect_schema = true;
	if (!read_version(boot->request->server_version, &version, err) ||
	    !migrations_read(&boot->migrations, &config, boot->arena, err) ||
	    !find_first(boot, &first, err))
		return false;
	lint = lint_new(version, boot->arena);
	if (!read_files(boot, lint, first, err))
		return false;
	*findings = lint_judge(lint);
	return true;
}

static bool
inspect_on_server(struct boot *boot, struct findings *findings, struct err *err)
{
	const struct migration *first;
	struct lint *lint;

	boot->meanwhile = look_read_files;
	if (!wait_run(boot, err) || !look_patiently(boot, err) || !find_first(boot, &first, err))
		return false;
	if (!first)
		return inspect_pending(boot, findings, boot->arena, err);
	lint = lint_new(db_server_version(boot->db), boot->arena);
	if (!read_files(boot, lint, first, err) ||
	    !lint_ask(lint, boot->db, boot->config->schema, err))
		return false;
	*findings = lint_judge(lint);
	return true;
}

static bool
print(const struct boot *boot, const struct findings *findings, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);

	if (boot->request->json) {
		text_add_char(&page, '[');
		add_all_json(&page, findings);
		text_add(&page, "]\n");
		return log_answer(page.at, err);
	}
	for (size_t i = 0; i < findings->count; i++)
		add_text(&page, &findings->at[i]);
	text_print(&page, "%zu finding%s\n", findings->count, findings->count == 1 ? "" : "s");
	return log_answer(page.at, err);
}

/* It is no failure of the setting that is missing: it need not be there. */
static bool
find_server(struct boot *boot, struct err *err)
{
	if (boot->request->server_version || wait_find_target(boot, err))
		return true;
	return err_hint(err, "%s",
	                arena_join(boot->arena, "without a server: --server-version=15",
	                           err->hint[0] ? "; else " : "", err->hint));
}

static bool
print_rules(struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);

	lint_describe(&page);
	return log_answer(page.at, err);
}

bool
inspect_command(struct boot *boot, struct err *err)
{
	struct findings findings = { 0 };

	if (boot->request->list)
		return print_rules(err);
	if (!find_server(boot, err))
		return false;
	(void)log_step("migrate lint");
	return (boot->request->server_version ? inspect_by_words(boot, &findings, err)
	                                      : inspect_on_server(boot, &findings, err)) &&
	       print(boot, &findings, err) && inspect_judge(boot, findings.count, err);
}
