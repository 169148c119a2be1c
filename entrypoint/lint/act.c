/* See act.h. What needs a look at every token of a statement, and the way to its reader. */
#include "act.h"

#include <string.h>

#include "../arena.h"
#include "../script.h"
#include "../token.h"
#include "opening.h"
#include "words.h"

#define LONGEST_IDENTIFIER 63 /* NAMEDATALEN - 1 */

struct act *
acts_add(struct acts *acts, enum act_kind kind, const char *at, const struct name *relation)
{
	struct act *act;

	acts->at = arena_grow(acts->arena, acts->at, acts->count, sizeof *acts->at);
	act = &acts->at[acts->count++];
	*act = acts->model;
	act->kind = kind;
	if (relation)
		act->relation = *relation;
	act->offset = (size_t)(at - act->source->text);
	return act;
}

bool
act_locks(const struct act *act)
{
	switch (act->kind) {
	case ACT_CREATE_INDEX:
	case ACT_DETACH:
	case ACT_REFRESH:
	case ACT_REINDEX:
		return !act->is_concurrent;
	case ACT_DROP_TABLE:
	case ACT_TRUNCATE:
	case ACT_RENAME_TABLE:
	case ACT_RENAME_COLUMN:
	case ACT_SET_SCHEMA:
	case ACT_ADD_COLUMN:
	case ACT_DROP_COLUMN:
	case ACT_SET_TYPE:
	case ACT_SET_NOT_NULL:
	case ACT_ADD_CHECK:
	case ACT_ADD_FOREIGN_KEY:
	case ACT_ADD_UNIQUE:
	case ACT_ATTACH:
	case ACT_REWRITE:
	case ACT_LOCKS:
	case ACT_TRIGGER:
	case ACT_CLUSTER:
	case ACT_LOCK:
		return true;
	default:
		return false;
	}
}

/* PostgreSQL cuts a longer name, and two of them may become one. */
static void
note_long_name(struct acts *acts, const struct token *token)
{
	const size_t quotes = token->kind == TOKEN_NAME ? 2 : 0;
	struct tokens one = { .at = token->at, .end = token->at + token->length };
	const char *name;

	if (token->length - quotes <= LONGEST_IDENTIFIER || *token->at == 'U' || *token->at == 'u')
		return;
	if (!words_take_identifier(&one, &name, acts->arena) || strlen(name) <= LONGEST_IDENTIFIER)
		return;
	for (size_t i = 0; i < acts->count; i++)
		if (acts->at[i].kind == ACT_LONG_NAME && acts->at[i].file == acts->model.file &&
		    strcmp(acts->at[i].object, name) == 0)
			return;
	acts_add(acts, ACT_LONG_NAME, token->at, NULL)->object = name;
}

/* An enum value that was added before in this transaction: the server does not let it be used yet. */
static void
note_value(struct acts *acts, const struct token *token)
{
	for (size_t i = 0; i < acts->value_count; i++) {
		const char *const value = acts->values[i];

		if (strlen(value) == token->length && memcmp(value, token->at, token->length) == 0)
			acts_add(acts, ACT_USE_VALUE, token->at, NULL)->object = value;
	}
}

static void
read_every_token(struct acts *acts, struct tokens tokens)
{
	struct tokens ahead = tokens;
	/* Neither names a value as one. */
	const bool may_use = acts->value_count && !words_take(&ahead, "alter type") &&
	                     !words_take(&ahead, "comment on");
	struct token token;

	while ((token = token_next(&tokens)).kind != TOKEN_END) {
		if (token.kind == TOKEN_STRING && may_use)
			note_value(acts, &token);
		else if (token.length > LONGEST_IDENTIFIER && token.kind != TOKEN_STRING)
			note_long_name(acts, &token);
	}
}

void
acts_read(struct acts *acts, struct tokens tokens)
{
	struct tokens ahead = tokens;
	const char *const at = token_next(&ahead).at;

	read_every_token(acts, tokens);
	for (const struct opening *opening = openings; opening->words; opening++) {
		struct tokens behind = tokens;

		/* Letters differ in one bit from the other case: most rows are passed over cheaply. */
		if ((*at | 0x20) == *opening->words && words_take(&behind, opening->words)) {
			opening->read(acts, behind, at);
			return;
		}
	}
}
