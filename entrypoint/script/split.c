/* Splitting a script into statements: script_split of script.h. */
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../lexer.h"
#include "../scoped.h"
#include "../script.h"
#include "../token.h"
#include "deed.h"
#include "include.h"
#include "mark.h"
#include "meta.h"
#include "statement.h"
#include "transaction.h"
#include "variable.h"

struct split {
	const struct script *script;
	struct arena *arena;
	struct variables variables;
	struct batch batch;
	struct transaction transaction;
	char *whole;      /* copy of the text, where meta-commands become comments */
	bool must_split;  /* whole cannot be sent */
	bool backslashes; /* standard_conforming_strings is off */
};

/* One file: the script or what its \i reads. */
struct file {
	struct split *split;
	const struct include *include;
	const struct source *source;
	struct lexer *lexer;
	size_t start;               /* of what may belong to the next statement */
	struct uses uses;           /* variables in it */
	const struct allow *allows; /* marks above it */
};

static bool
blame(const struct file *file, size_t offset, struct err *err)
{
	const struct place place = place_at(file->source, offset);

	return place_blame(&place, err);
}

static void
note_variable(void *to, const char *name, size_t offset)
{
	struct file *file = to;
	struct uses *uses = &file->uses;
	const char *literal = variables_find(&file->split->variables, name);

	if (!literal)
		return;
	uses->at = arena_grow(file->split->arena, uses->at, uses->count, sizeof *uses->at);
	uses->at[uses->count++] = (struct use){ offset, strlen(name) + strlen(":''"), literal };
}

/*
 * Where something begins before `end`: behind space and comments. Marks among them that are no longer
 * at the top are kept for the statement.
 */
static bool
skip_comments(struct file *file, size_t end, size_t *start, struct err *err)
{
	const char *const text = file->source->text;
	const char *at = token_skip_space(text + file->start, text + end);
	const char *behind;

	while ((behind = token_skip_comment(at, text + end)) && behind != at) {
		const bool is_at_top =
			!file->include->outer && (size_t)(at - text) < file->split->script->head;

		if (!is_at_top && !mark_read_below(&file->allows, file->source, at, behind,
		                                   file->split->arena, err))
			return false;
		at = token_skip_space(behind, text + end);
	}
	*start = (size_t)(at - text);
	return true;
}

/* Marks above nothing would have no effect. */
static bool
refuse_marks(const struct file *file, struct err *err)
{
	if (!file->allows)
		return true;
	(void)err_set(err, FAULT_WRONG, "a mark with no statement below it");
	return blame(file, file->allows->offset, err);
}

static struct statement *
add_statement(struct split *split)
{
	struct batch *batch = &split->batch;

	batch->statements = arena_grow(split->arena, batch->statements, batch->count,
	                               sizeof *batch->statements);
	batch->statements[batch->count] = (struct statement){ 0 };
	return &batch->statements[batch->count++];
}

static const char *
copy_span(const struct span *span, struct arena *arena)
{
	return span->at ? arena_copy_n(arena, span->at, span->length) : NULL;
}

static void
classify(struct split *split, struct statement *statement, const struct deed *deed)
{
	if (deed->kind == DEED_COPY)
		statement->kind = STATEMENT_COPY;
	statement->alone = (enum alone)deed->alone;
	if (deed->kind == DEED_ALONE) {
		statement->kind = STATEMENT_ALONE;
		statement->object = copy_span(&deed->object, split->arena);
		statement->relation = copy_span(&deed->relation, split->arena);
		split->batch.has_alone = true;
	}
	if (deed->kind == DEED_STRINGS_ON || deed->kind == DEED_STRINGS_OFF)
		split->backslashes = deed->kind == DEED_STRINGS_OFF;
	if (statement->kind != STATEMENT_PLAIN || split->backslashes)
		split->must_split = true;
}

/* What reaches from file->start to `end`, where a semicolon or nothing stands: perhaps a statement. */
static bool
take_statement(struct file *file, size_t end, struct err *err)
{
	struct split *split = file->split;
	const size_t behind = end < file->source->length ? end + 1 : end;
	struct statement *statement;
	struct deed deed;
	size_t start = 0;

	if (!skip_comments(file, end, &start, err))
		return false;
	file->start = behind;
	if (start == end)
		return refuse_marks(file, err);
	deed = deed_of(file->source->text + start, end - start, split->backslashes);
	statement = add_statement(split);
	statement->source = file->source;
	statement->offset = start;
	statement->allows = file->allows;
	file->allows = NULL;
	statement_set_sql(statement, end, &file->uses, split->arena);
	split->must_split |= file->uses.count > 0;
	file->uses = (struct uses){ 0 };
	classify(split, statement, &deed);
	if (!transaction_note(&split->transaction, (int)deed.kind, &split->batch, err))
		return false;
	if (statement->kind == STATEMENT_COPY) {
		if (!statement_set_data(statement, behind, &file->start, err))
			return false;
		lexer_skip(file->lexer, file->start);
	}
	return true;
}

static bool split_file(struct split *split, const struct include *include, struct err *err);

/* So it is found without splitting, by the checksum of every start. */
static bool
refuse_within_line(const struct file *file, size_t offset, struct err *err)
{
	if (meta_begins_line(file->source, offset))
		return true;
	(void)err_set(err, FAULT_WRONG, "\\i and \\ir begin their line");
	return blame(file, offset, err);
}

static bool
take_include(struct file *file, const struct meta *meta, size_t offset, struct err *err)
{
	struct split *split = file->split;
	struct source *inner = arena_alloc(split->arena, sizeof *inner);
	const struct include include = { .source = inner, .outer = file->include };
	const struct place place = place_at(file->source, offset);

	split->must_split = true;
	if (!refuse_within_line(file, offset, err))
		return false;
	if (!include_read(inner, file->include, meta, split->arena, err))
		return place_blame(&place, err);
	if (!split_file(split, &include, err))
		return err_detail(err, "read by %s:%zu", place.path, place.line);
	return true;
}

static bool
take_meta(struct file *file, size_t offset, struct err *err)
{
	struct meta meta;
	size_t start = 0;

	if (!meta_read(&meta, file->source, offset, file->split->arena, err) ||
	    !skip_comments(file, offset, &start, err))
		return false;
	if (start == offset && !refuse_marks(file, err))
		return false;
	if (start != offset) {
		(void)err_set(err, FAULT_WRONG, "a meta-command inside of a statement");
		(void)err_hint(err, "is a semicolon missing before it?");
		return blame(file, offset, err);
	}
	if (meta.file && !take_include(file, &meta, offset, err))
		return false;
	/* A comment has as many bytes and characters as what it covers; blanks may not have. */
	if (!file->include->outer)
		memcpy(file->split->whole + offset, "--", 2);
	file->start = meta.end;
	lexer_skip(file->lexer, meta.end);
	return true;
}

/* Where the part begins that has no end: the open token, or the outermost open parenthesis. */
static size_t
start_of_open(const struct file *file)
{
	const char *const text = file->source->text;
	struct tokens tokens = { .at = text + file->start,
		                 .end = text + file->source->length,
		                 .backslashes = file->split->backslashes };
	struct token token = token_next(&tokens);
	const char *start = token.at;
	const char *outermost = start;
	size_t depth = 0;

	while (token.kind != TOKEN_END && !token.is_open) {
		if (token_is(&token, "(", 1) && depth++ == 0)
			outermost = token.at;
		else if (token_is(&token, ")", 1) && depth > 0)
			depth--;
		token = token_next(&tokens);
	}
	if (token.is_open)
		start = token.at;
	else if (depth > 0)
		start = outermost;
	return (size_t)(start - text);
}

static bool
refuse(const struct file *file, enum lexer_stop stop, struct err *err)
{
	static const char *const whats[] = {
		[LEXER_IN_STRING] = "a quoted string without end",
		[LEXER_IN_NAME] = "a quoted identifier without end",
		[LEXER_IN_COMMENT] = "a comment without end",
		[LEXER_IN_PARENTHESES] = "a parenthesis that is not closed",
		[LEXER_IN_BODY] = "the body of a function (BEGIN ATOMIC) without END",
	};
	const size_t at = lexer_at(file->lexer);

	if (stop == LEXER_NO_MEMORY)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", file->source->path);
	if (stop == LEXER_PSQL) {
		(void)err_set(err, FAULT_WRONG, "psql's %.2s cannot be used here",
		              file->source->text + at);
		return blame(file, at, err);
	}
	(void)err_set(err, FAULT_WRONG, "%s", whats[stop]);
	if (stop == LEXER_IN_BODY)
		(void)err_hint(err,
		               "a function that is named \"begin\" or \"case\" must be quoted");
	return blame(file, start_of_open(file), err);
}

static bool
split_file(struct split *split, const struct include *include, struct err *err)
{
	struct file file = { .split = split, .include = include, .source = include->source };
	SCOPED(lexer_close)
	struct lexer *lexer = lexer_open(file.source->text, file.source->length, note_variable,
	                                 &file, split->arena);

	file.lexer = lexer;
	for (;;) {
		enum lexer_stop stop;

		lexer_set_backslashes(lexer, split->backslashes);
		stop = lexer_next(lexer);
		if (stop == LEXER_END)
			return take_statement(&file, file.source->length, err);
		if (stop == LEXER_SEMICOLON) {
			if (!take_statement(&file, lexer_at(lexer) - 1, err))
				return false;
		} else if (stop == LEXER_BACKSLASH) {
			if (!take_meta(&file, lexer_at(lexer), err))
				return false;
		} else {
			return refuse(&file, stop, err);
		}
	}
}

bool
script_split(struct batch *batch, const struct script *script, script_variable *variable,
             struct arena *arena, struct err *err)
{
	struct split split = { .script = script, .arena = arena };
	const struct include include = { .source = &script->source };

	if (script->batch) {
		*batch = *script->batch;
		return true;
	}
	split.transaction.is_forbidden = script->no_transaction;
	split.whole = arena_copy_n(arena, script->source.text, script->source.length);
	if (!variables_read(&split.variables, script, variable, arena, err) ||
	    !split_file(&split, &include, err) ||
	    !transaction_check(&split.transaction, &split.batch, err))
		return false;
	if (split.must_split)
		split.whole = NULL;
	if (split.transaction.commits)
		transaction_remove(&split.batch, split.whole);
	split.batch.whole = split.whole;
	*batch = split.batch;
	return true;
}

bool
script_keep(const struct script **script, const struct batch *batch, struct arena *arena,
            struct arena *other)
{
	struct script *kept;
	struct batch *split;

	if ((*script)->variables || (*script)->included_count)
		return false;
	arena_adopt(arena, other);
	split = arena_alloc(arena, sizeof *split);
	*split = *batch;
	kept = arena_alloc(arena, sizeof *kept);
	*kept = **script;
	kept->batch = split;
	*script = kept;
	return true;
}
