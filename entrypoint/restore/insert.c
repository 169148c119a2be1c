/* See insert.h. */
#include "insert.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../arena.h"
#include "../pattern.h"
#include "../token.h"
#include "item.h"

/* Behind the quoted part that begins here; NULL: it has no end here. */
static const char *
skip_quoted(const char *at, const char *end)
{
	const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));

	return close ? close + 1 : NULL;
}

/* May stand outside of quotes without meaning anything together with what is beside it. */
static bool
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == ' ' || c == ',' || c == '(' || c == ')' || c == '.' || c == '_' || c == '\n' ||
	       c == '\t' || c == '\r' || c == '-' || c == '+';
}

size_t
insert_length(const char *at, const char *end)
{
	static const char begin[] = "INSERT INTO ";
	const char *const from = at;
	char before = ' ';
	int depth = 0;

	if ((size_t)(end - at) < sizeof begin - 1 || memcmp(at, begin, sizeof begin - 1) != 0)
		return 0;
	for (at += sizeof begin - 1; at && at < end; before = at ? at[-1] : ' ') {
		if (*at == ';')
			return depth ? 0 : (size_t)(at - from);
		depth += (*at == '(') - (*at == ')');
		/* E'...', and 'a''b' as two: both end with a quote. */
		if (*at == '"' || (*at == '\'' && strchr(" (,\n\t'", before)))
			at = skip_quoted(at, end);
		else if (is_plain(*at) && (*at != '-' || before != '-'))
			at++;
		else
			return 0;
	}
	return 0;
}

bool
insert_table(struct token *table, const struct item *item)
{
	struct tokens tokens = item_tokens(item, item->sql);
	struct token none = { 0 };

	return pattern_fits("insert into NAME", &tokens, table, &none);
}

bool
insert_read(struct insert *insert, const struct item *item)
{
	struct tokens tokens = item_tokens(item, item->sql), ahead;
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
insert_read_alike(struct insert *insert, const struct item *item, const struct insert *one,
                  const char *beginning, size_t length)
{
	if (!length || item->length <= length || memcmp(item->sql, beginning, length) != 0)
		return false;
	*insert = *one;
	insert->values = item->sql + length;
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
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* e+15; where none is whole, `at`. To the lexer the sign is a token of its own. */
static const char *
skip_exponent(const char *at, const char *end)
{
	const char *behind = at;

	if (at == end || (*at != 'e' && *at != 'E'))
		return at;
	behind++;
	behind += behind < end && (*behind == '+' || *behind == '-');
	if (behind == end || !is_digit(*behind))
		return at;
	while (behind < end && is_digit(*behind))
		behind++;
	return behind;
}

/*
 * A literal that is told by its own bytes, without the lexer's help: most are. False, with nothing taken: it is not. A literal
 * that goes on behind a line end is left to the lexer.
 */
static bool
add_bare(struct text *text, struct tokens *tokens, enum insert_type type)
{
	const char *at = token_skip_space(tokens->at, tokens->end), *from = at;

	if (at < tokens->end && *at == '\'' && !tokens->backslashes) {
		do
			at = skip_quoted(at, tokens->end);
		while (at && at < tokens->end && *at == '\'');
		if (!at || at == tokens->end || (*at != ',' && *at != ')'))
			return false;
		add_escaped(text, from + 1, at - 1);
		tokens->at = at;
		return true;
	}
	if (type != INSERT_INTEGER && type != INSERT_NUMBER)
		return false;
	at += at < tokens->end && *at == '-';
	while (at < tokens->end && (is_digit(*at) || (*at == '.' && type == INSERT_NUMBER)))
		at++;
	if (at == from || at[-1] == '-')
		return false;
	if (type == INSERT_NUMBER)
		at = skip_exponent(at, tokens->end);
	if (at == tokens->end || (*at != ',' && *at != ')'))
		return false;
	text_add_n(text, from, (size_t)(at - from));
	tokens->at = at;
	return true;
}

/* The next token is this character. */
static bool
take_char(struct tokens *tokens, char c)
{
	struct token token;

	if (tokens->at < tokens->end && *tokens->at == c) {
		tokens->at++;
		return true;
	}
	token = token_next(tokens);
	return token_is(&token, &c, 1);
}

static bool
add_value(struct text *text, struct tokens *tokens, enum insert_type type)
{
	struct token token;

	if (add_bare(text, tokens, type))
		return true;
	token = token_next(tokens);

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
	if (!take_char(tokens, '('))
		return false;
	for (size_t i = 0; i < columns; i++) {
		if (i > 0)
			text_add_char(text, '\t');
		if (!add_value(text, tokens, types[i]) ||
		    !take_char(tokens, i + 1 < columns ? ',' : ')'))
			return false;
	}
	text_add_char(text, '\n');
	return true;
}

bool
insert_add(const struct insert *insert, const struct item *item, const enum insert_type *types,
           size_t columns, struct text *text, size_t *rows)
{
	struct tokens tokens = item_tokens(item, insert->values);
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
