/* See insert.h. */
#include "insert.h"

#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../pattern.h"
#include "../token.h"
#include "item.h"

static struct tokens
tokens_of(const struct item *item, const char *from)
{
	return (struct tokens){ .at = from,
		                .end = item->sql + item->length,
		                .backslashes = item->backslashes };
}

bool
insert_read(struct insert *insert, const struct item *item)
{
	struct tokens tokens = tokens_of(item, item->sql), ahead;
	struct token table = { 0 }, none = { 0 }, token = { 0 };

	if (!pattern_fits("insert into NAME", &tokens, &table, &none))
		return false;
	*insert = (struct insert){ .table = table.at, .table_length = table.length };
	ahead = tokens;
	token = token_next(&ahead);
	if (token_is(&token, "(", 1)) {
		insert->columns = token.at;
		if (!pattern_fits("()", &tokens, &token, &none))
			return false;
		insert->columns_length = (size_t)(tokens.at - insert->columns);
	}
	if (!pattern_fits("[overriding system value] values", &tokens, &token, &none))
		return false;
	insert->values = tokens.at;
	return true;
}

bool
insert_is_like(const struct insert *one, const struct insert *other)
{
	return one->table && other->table && one->table_length == other->table_length &&
	       one->columns_length == other->columns_length &&
	       memcmp(one->table, other->table, one->table_length) == 0 &&
	       (!one->columns_length ||
	        memcmp(one->columns, other->columns, one->columns_length) == 0);
}

static bool
is_number(const struct token *token, enum insert_type type)
{
	const char *const digits = type == INSERT_INTEGER ? "0123456789" : "0123456789.eE";

	if ((type != INSERT_INTEGER && type != INSERT_NUMBER) || token->kind != TOKEN_OTHER)
		return false;
	for (size_t i = 0; i < token->length; i++)
		if (!strchr(digits, token->at[i]))
			return false;
	return true;
}

/* What stands between the quotes, as COPY's text format has it. */
static void
add_escaped(struct text *text, const char *at, const char *end)
{
	while (at < end) {
		const char *from = at;

		while (at < end && *at != '\'' && *at != '\\' && *at != '\n' && *at != '\r' &&
		       *at != '\t')
			at++;
		text_add_n(text, from, (size_t)(at - from));
		if (at == end)
			return;
		if (*at == '\'') {
			text_add_char(text, '\'');
			at += 2;
			continue;
		}
		text_add_char(text, '\\');
		text_add_char(text, *at == '\n'   ? 'n'
		                    : *at == '\r' ? 'r'
		                    : *at == '\t' ? 't'
		                                  : '\\');
		at++;
	}
}

static bool
add_string(struct text *text, const struct token *token, enum insert_type type)
{
	const char *at = token->at;

	if (token->is_open)
		return false;
	if (*at == 'B' && type == INSERT_BITS)
		at++;
	/* E'...' and where backslashes are escapes: the server knows them best. */
	if (*at != '\'')
		return false;
	add_escaped(text, at + 1, token->at + token->length - 1);
	return true;
}

static bool
add_value(struct text *text, struct tokens *tokens, enum insert_type type)
{
	struct token token = token_next(tokens);

	if (token_is(&token, "-", 1)) {
		text_add_char(text, '-');
		token = token_next(tokens);
		if (!is_number(&token, type))
			return false;
	}
	if (token.kind == TOKEN_STRING) {
		if (tokens->backslashes && memchr(token.at, '\\', token.length))
			return false;
		return add_string(text, &token, type);
	}
	if (token.kind == TOKEN_WORD && token_is(&token, "null", 4)) {
		text_add_n(text, "\\N", 2);
		return true;
	}
	if (!is_number(&token, type) &&
	    !(type == INSERT_BOOLEAN && token.kind == TOKEN_WORD &&
	      (token_is(&token, "true", 4) || token_is(&token, "false", 5))))
		return false;
	text_add_n(text, token.at, token.length);
	return true;
}

/* ( value, ... ) */
static bool
add_row(struct text *text, struct tokens *tokens, const enum insert_type *types, size_t columns)
{
	struct token token = token_next(tokens);

	if (!token_is(&token, "(", 1))
		return false;
	for (size_t i = 0; i < columns; i++) {
		if (i > 0)
			text_add_char(text, '\t');
		if (!add_value(text, tokens, types[i]))
			return false;
		token = token_next(tokens);
		if (!token_is(&token, i + 1 < columns ? "," : ")", 1))
			return false;
	}
	text_add_char(text, '\n');
	return true;
}

bool
insert_add(const struct insert *insert, const struct item *item, const enum insert_type *types,
           size_t columns, struct text *text, size_t *rows)
{
	struct tokens tokens = tokens_of(item, insert->values);
	const size_t before = text->length;
	struct token token;
	size_t count = 0;

	do {
		if (columns == 0 || !add_row(text, &tokens, types, columns)) {
			text->length = before;
			return false;
		}
		count++;
		token = token_next(&tokens);
	} while (token_is(&token, ",", 1));
	if (token.kind != TOKEN_END) {
		text->length = before;
		return false;
	}
	*rows += count;
	return true;
}
