/* See mark.h. */
#include "mark.h"

#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../scoped.h"
#include "../script.h"
#include "../token.h"

struct words {
	const char *at, *end;
};

/* The next word of a line, or false. */
static bool
next_word(struct words *words, struct words *word)
{
	const char *at = token_skip_space(words->at, words->end);

	*word = (struct words){ at, at };
	while (word->end < words->end && token_skip_space(word->end, words->end) == word->end)
		word->end++;
	words->at = word->end;
	return word->end > at;
}

static bool
word_is(const struct words *word, const char *text)
{
	const size_t length = strlen(text);

	return (size_t)(word->end - word->at) == length && memcmp(word->at, text, length) == 0;
}

/* Reads what stands behind the name of a mark; what is left of words then is too much. */
typedef bool mark_taker(struct script *script, struct words *words, struct arena *arena);

static bool
take_no_transaction(struct script *script, struct words *words, struct arena *arena)
{
	(void)words;
	(void)arena;
	script->no_transaction = true;
	return true;
}

/* As psql's variables, but ASCII, since each has an environment variable: name or name? */
static bool
is_variable(const struct words *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const size_t length = (size_t)(word->end - word->at);
	const size_t first = strspn(word->at, letters);
	size_t rest;

	if (first == 0)
		return false;
	rest = first + strspn(word->at + first, letters);
	while (rest < length && word->at[rest] >= '0' && word->at[rest] <= '9')
		rest += 1 + strspn(word->at + rest + 1, letters);
	return rest == length || (rest + 1 == length && word->at[rest] == '?');
}

static bool
take_variables(struct script *script, struct words *words, struct arena *arena)
{
	struct names *names = script->variables;
	struct words word;

	if (!names)
		names = arena_alloc(arena, sizeof *names);
	while (next_word(words, &word)) {
		if (!is_variable(&word))
			return false;
		names->at = arena_grow(arena, names->at, names->count, sizeof *names->at);
		names->at[names->count++] =
			arena_copy_n(arena, word.at, (size_t)(word.end - word.at));
	}
	script->variables = names;
	return names->count > 0;
}

/* The rule, and a reason, for whoever reads the file. */
static bool
take_allow(struct script *script, struct words *words, struct arena *arena)
{
	struct allow *allow = arena_alloc(arena, sizeof *allow);
	struct words rule, reason;

	if (!next_word(words, &rule) || !next_word(words, &reason))
		return false;
	words->at = words->end;
	*allow = (struct allow){
		.rule = arena_copy_n(arena, rule.at, (size_t)(rule.end - rule.at)),
		.offset = (size_t)(rule.at - script->source.text),
		.next = script->allows,
	};
	script->allows = allow;
	return true;
}

static bool
take_after(struct script *script, struct words *words, struct arena *arena)
{
	struct words word;
	const size_t before = script->after_count;

	while (next_word(words, &word)) {
		script->after = arena_grow(arena, script->after, script->after_count,
		                           sizeof *script->after);
		script->after[script->after_count++] = (struct predecessor){
			arena_copy_n(arena, word.at, (size_t)(word.end - word.at)),
			(size_t)(word.at - script->source.text),
		};
	}
	return script->after_count > before;
}

static bool
take_snapshot(struct script *script, struct words *words, struct arena *arena)
{
	struct words word;

	if (script->snapshot || !next_word(words, &word))
		return false;
	script->snapshot = arena_copy_n(arena, word.at, (size_t)(word.end - word.at));
	script->snapshot_offset = (size_t)(word.at - script->source.text);
	return true;
}

static const struct mark {
	const char *name;
	mark_taker *take;
	const char *form;
} marks[] = {
	{ "no-transaction", take_no_transaction, "no-transaction" },
	{ "vars", take_variables, "vars NAME [NAME? ...]" },
	{ "allow", take_allow, "allow RULE REASON" },
	{ "after", take_after, "after NAME [NAME ...]" },
	{ "snapshot", take_snapshot, "snapshot VERSION" },
};

static bool
refuse(const struct script *script, const char *at, struct err *err, const struct words *name)
{
	const struct place place = place_at(&script->source, (size_t)(at - script->source.text));
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text forms = text_new(&arena);

	(void)err_set(err, FAULT_WRONG, "unknown mark \"%.*s\"", (int)(name->end - name->at),
	              name->at);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (word_is(name, marks[i].name))
			(void)err_set(err, FAULT_WRONG,
			              "wrong mark, its form is: -- pg-entrypoint: %s",
			              marks[i].form);
		text_print(&forms, "%s`-- pg-entrypoint: %s`", i ? ", " : "", marks[i].form);
	}
	(void)err_hint(err, "the marks are %s", forms.at);
	return place_blame(&place, err);
}

static bool
read_one(struct script *script, struct words words, struct arena *arena, struct err *err)
{
	struct words name, more;

	(void)next_word(&words, &name); /* an empty one is unknown as well */
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (word_is(&name, marks[i].name) && marks[i].take(script, &words, arena) &&
		    !next_word(&words, &more))
			return true;
	return refuse(script, name.at, err, &name);
}

/* Without its colon it would be a comment like any other, and the file would run in another way. */
static bool
refuse_bare(const struct script *script, const char *at, const char *end, struct err *err)
{
	struct words words = { at, end }, name;

	if (!next_word(&words, &name) || name.at == at)
		return true;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (word_is(&name, marks[i].name))
			return refuse(script, name.at, err, &name);
	return true;
}

/* *words: those of the mark that a comment holds, or NULL: it holds none. */
static bool
find_words(const char **words, const struct script *script, const char *comment, const char *end,
           struct err *err)
{
	static const char label[] = "pg-entrypoint";
	const char *at;

	*words = NULL;
	if (end - comment < 2 || comment[0] != '-')
		return true;
	at = token_skip_space(comment + 2, end);
	if ((size_t)(end - at) < sizeof label || memcmp(at, label, sizeof label - 1) != 0)
		return true;
	at += sizeof label - 1;
	if (*at != ':')
		return refuse_bare(script, at, end, err);
	*words = at + 1;
	return true;
}

bool
mark_read_all(struct script *script, struct arena *arena, struct err *err)
{
	const char *const end = script->source.text + script->source.length;
	const char *at = script->source.text;

	for (;;) {
		const char *behind, *words;

		at = token_skip_space(at, end);
		behind = token_skip_comment(at, end);
		if (!behind || behind == at)
			break;
		if (!find_words(&words, script, at, behind, err) ||
		    (words && !read_one(script, (struct words){ words, behind }, arena, err)))
			return false;
		at = behind;
	}
	script->head = (size_t)(at - script->source.text);
	return true;
}

/* Behind a statement a mark would seem to be meant for that one. */
static bool
starts_line(const char *comment, const char *text)
{
	while (comment > text && (comment[-1] == ' ' || comment[-1] == '\t'))
		comment--;
	return comment == text || comment[-1] == '\n';
}

static bool
blame(const struct source *source, const char *at, struct err *err)
{
	const struct place place = place_at(source, (size_t)(at - source->text));

	return place_blame(&place, err);
}

bool
mark_read_below(const struct allow **allows, const struct source *source, const char *comment,
                const char *end, struct arena *arena, struct err *err)
{
	struct script script = { .source = *source, .allows = *allows };
	const char *words;
	struct words ahead, name;
	struct allow *allow;

	if (!find_words(&words, &script, comment, end, err))
		return false;
	if (!words)
		return true;
	ahead = (struct words){ words, end };
	if (!next_word(&ahead, &name) || !word_is(&name, "allow")) {
		(void)err_set(err, FAULT_WRONG, "a mark that is not at the top of the script");
		return blame(source, comment, err);
	}
	if (!starts_line(comment, source->text)) {
		(void)err_set(err, FAULT_WRONG, "a mark that does not stand in a line of its own");
		(void)err_hint(err, "put it above the statement that it is meant for");
		return blame(source, comment, err);
	}
	if (!read_one(&script, (struct words){ words, end }, arena, err))
		return false;
	allow = arena_alloc(arena, sizeof *allow);
	*allow = *script.allows;
	allow->source = source;
	*allows = allow;
	return true;
}
