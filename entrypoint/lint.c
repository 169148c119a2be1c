/* See lint.h. */
#include "lint.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "lint/act.h"
#include "lint/catalog.h"
#include "lint/rule.h"
#include "lint/scene.h"
#include "lint/words.h"
#include "scoped.h"
#include "script.h"
#include "script/deed.h"
#include "token.h"

struct lint {
	struct arena *arena;
	int server_version;
	struct acts acts;
	struct scene wishes; /* while reading: what need not be asked */
	struct things known; /* what the catalog says */
	struct catalog catalog;
	bool was_asked;
	enum lint_use last_use;
	const struct source *included, *included_kept; /* the last file that \i has read */
};

struct lint *
lint_new(int server_version, struct arena *arena)
{
	struct lint *lint = arena_alloc(arena, sizeof *lint);

	lint->arena = arena;
	lint->server_version = server_version;
	lint->acts.arena = arena;
	lint->wishes.things.arena = arena;
	lint->known.arena = arena;
	lint->catalog.things = &lint->known;
	return lint;
}

/* No variable is put in: the words are read in the source, and secrets stay where they are. */
static bool
no_value(const char *name, bool may_be_missing, const char **value, struct arena *arena,
         struct err *err)
{
	(void)name, (void)may_be_missing, (void)arena, (void)err; /* the form of script_variable */
	*value = "";
	return true;
}

/* The statement as it stands in its source. */
static struct tokens
tokens_of(const struct statement *statement, bool backslashes)
{
	size_t length = strlen(statement->sql);

	for (const struct splice *splice = statement->splices; splice->replaced; splice++)
		length = length + splice->replaced - splice->inserted;
	return (struct tokens){ .at = statement->source->text + statement->offset,
		                .end = statement->source->text + statement->offset + length,
		                .backslashes = backslashes };
}

static bool
check_allows(const struct allow *allow, const struct script *script, struct err *err)
{
	for (; allow; allow = allow->next) {
		const struct source *source = allow->source ? allow->source : &script->source;
		const struct place place = place_at(source, allow->offset);
		const char *near = rule_near(allow->rule);

		if (rule_exists(allow->rule))
			continue;
		(void)err_set(err, FAULT_WRONG, "no rule is called %s", allow->rule);
		(void)(near ? err_hint(err, "did you mean %s?", near)
		            : err_hint(err, "`pg-entrypoint migrate lint --list` names the rules"));
		return place_blame(&place, err);
	}
	return true;
}

/* What outlives the statements: the marks, and what \i has read. */
static const struct allow *
kept_allows(const struct allow *allow, struct arena *arena)
{
	struct allow *kept;

	if (!allow)
		return NULL;
	kept = arena_alloc(arena, sizeof *kept);
	*kept = *allow;
	kept->rule = arena_copy(arena, allow->rule);
	kept->next = kept_allows(allow->next, arena);
	return kept;
}

static const struct source *
kept_source(struct lint *lint, const struct source *source, const struct script *script)
{
	struct source *kept;

	/* A script that is kept has been copied (script_keep). */
	if (source->text == script->source.text)
		return source;
	if (source == lint->included)
		return lint->included_kept;
	kept = arena_alloc(lint->arena, sizeof *kept);
	*kept = (struct source){ .path = arena_copy(lint->arena, source->path),
		                 .text = arena_copy_n(lint->arena, source->text, source->length),
		                 .length = source->length };
	lint->included = source;
	lint->included_kept = kept;
	return kept;
}

/* Does it switch backslash escapes in later statements? Few statements begin so, and deed_of takes its time. */
static void
note_strings(struct tokens tokens, bool *backslashes)
{
	struct tokens ahead = tokens;
	struct deed deed;

	if (!words_take(&ahead, "set|reset"))
		return;
	deed = deed_of(tokens.at, (size_t)(tokens.end - tokens.at), *backslashes);
	if (deed.kind == DEED_STRINGS_ON || deed.kind == DEED_STRINGS_OFF)
		*backslashes = deed.kind == DEED_STRINGS_OFF;
}

/* The acts of one statement, noted as having happened. */
static void
read_statement(struct lint *lint, const struct statement *statement, bool *backslashes,
               const struct script *script)
{
	struct acts *acts = &lint->acts;
	const struct tokens tokens = tokens_of(statement, *backslashes);
	const size_t first = acts->count;
	const struct source *source;
	const struct allow *allows;

	note_strings(tokens, backslashes);
	acts->model.statement++;
	acts->model.source = statement->source;
	acts_read(acts, tokens);
	if (acts->count == first)
		return;
	source = kept_source(lint, statement->source, script);
	allows = kept_allows(statement->allows, lint->arena);
	for (size_t i = first; i < acts->count; i++) {
		struct act *act = &acts->at[i];

		act->source = source;
		act->statement_allows = allows;
		act->begins_set &= i == first;
		scene_enter(&lint->wishes, act);
		if (act->is_judged)
			catalog_want(&lint->catalog, &lint->wishes, act);
		scene_note(&lint->wishes, act);
	}
	acts->model.begins_set = false;
}

bool
lint_read(struct lint *lint, const struct script *script, enum lint_use use, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct acts *acts = &lint->acts;
	bool backslashes = false;
	struct batch batch;

	if (!script_split(&batch, script, no_value, &arena, err))
		return false;
	if (use != LINT_APPLIED && !check_allows(script->allows, script, err))
		return false;
	acts->wants_columns = use != LINT_PENDING;
	acts->value_count = acts->type_count = 0;
	acts->model = (struct act){ .file = acts->model.file + 1,
		                    .statement = acts->model.statement,
		                    .transaction = acts->model.transaction,
		                    .begins_set = acts->model.begins_set || use != LINT_PENDING ||
		                                  use != lint->last_use,
		                    .is_judged = use != LINT_APPLIED,
		                    .file_allows = script->allows };
	acts->model.transaction++;
	lint->last_use = use;
	lint->included = NULL;
	for (size_t i = 0; i < batch.count; i++) {
		if (use != LINT_APPLIED && !check_allows(batch.statements[i].allows, script, err))
			return false;
		/* Each statement is a transaction there, and a new value is there for the next. */
		if (script->no_transaction || batch.has_alone) {
			acts->model.transaction++;
			acts->value_count = 0;
		}
		read_statement(lint, &batch.statements[i], &backslashes, script);
	}
	return true;
}

bool
lint_ask(struct lint *lint, struct db *db, const char *schema, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	lint->was_asked = true;
	return catalog_ask(&lint->catalog, db, schema, &arena, err);
}

static bool
allows(const struct allow *allow, const char *rule)
{
	while (allow && strcmp(allow->rule, rule) != 0)
		allow = allow->next;
	return allow;
}

static void
judge_one(struct findings *findings, const struct act *act, const struct rule *rule,
          const struct scene *scene, struct arena *arena)
{
	const struct act *blamed;

	if ((rule->kind != ACT_ANY && rule->kind != (int)act->kind) ||
	    !rule_is_for(rule, scene->server_version))
		return;
	blamed = rule->blames(act, scene);
	if (!blamed || allows(act->statement_allows, rule->name) ||
	    allows(blamed->statement_allows, rule->name) || allows(act->file_allows, rule->name))
		return;
	findings->at = arena_grow(arena, findings->at, findings->count, sizeof *findings->at);
	findings->at[findings->count++] = (struct finding){
		.rule = rule->name,
		.source = blamed->source,
		.offset = blamed->offset,
		.message =
			rule_fill(rule->hazard, rule->kind == ACT_ANY ? blamed : act, scene, arena),
		.hint = rule_fill(rule->hint, blamed, scene, arena),
	};
}

struct findings
lint_judge(struct lint *lint)
{
	struct scene scene = { .things = { .arena = lint->arena },
		               .catalog = lint->was_asked ? &lint->known : NULL,
		               .server_version = lint->server_version };
	struct findings findings = { 0 };

	for (size_t i = 0; i < lint->acts.count; i++) {
		const struct act *act = &lint->acts.at[i];

		scene_enter(&scene, act);
		for (const struct rule *rule = rules; act->is_judged && rule->name; rule++)
			judge_one(&findings, act, rule, &scene, lint->arena);
		scene_note(&scene, act);
	}
	return findings;
}

void
lint_describe(struct text *page)
{
	rules_describe(page);
}
